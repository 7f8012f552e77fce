package io.foresplit.app.view;

import java.util.List;
import java.util.Map;

/**
 * An interval that was closed.
 *
 * @param at its end, milliseconds since 1970
 * @param values by {@code component/METRIC}
 */
public record TickView(
    String job,
    long interval,
    long at,
    long epoch,
    Phase phase,
    long steps,
    List<String> silent,
    Map<String, Double> values) {}
