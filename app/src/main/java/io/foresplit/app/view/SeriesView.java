package io.foresplit.app.view;

import java.util.List;

/**
 * The recent past of one series.
 *
 * @param at milliseconds since 1970, one for each value
 */
public record SeriesView(
    String job, String component, String metric, String unit, List<Long> at, List<Double> values) {}
