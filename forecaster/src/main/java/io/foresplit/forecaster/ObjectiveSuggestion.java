package io.foresplit.forecaster;

import io.foresplit.contract.Metric;
import java.time.Duration;

/**
 * A bound that healthy data would rarely stay above.
 *
 * @param values intervals it rests on
 * @param median of the metric in them
 * @param highest level that the metric stayed above for the duration, at any time in them
 * @param bound the level expected to be stayed above once in the time asked for
 */
public record ObjectiveSuggestion(
    Metric metric, Duration duration, int values, double median, double highest, double bound) {}
