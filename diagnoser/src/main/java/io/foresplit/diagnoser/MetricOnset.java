package io.foresplit.diagnoser;

import java.util.Arrays;
import java.util.OptionalDouble;

/**
 * When a system changed, by all of its series together: the step at which the likelihood of a shift
 * of their means, summed over the series, is greatest (CUSUM form; Csörgő and Horváth 1997). Values
 * are limited to a few sigmas of the noise, so that lone ones do not decide (derived).
 */
final class MetricOnset {
  private static final double LIMIT_SIGMAS = 6;

  /** What the statistic of a series without a shift reaches by chance. */
  private static final double CHANCE = 10;

  private MetricOnset() {}

  /** In seconds of the epoch; empty for a table too short to tell. */
  static OptionalDouble estimate(MetricTable table) {
    int least = MetricChange.LEAST_BEFORE;
    if (table.steps() <= least) {
      return OptionalDouble.empty();
    }
    double[] likelihood = new double[table.steps()];
    for (MetricTable.MetricSeries series : table.series()) {
      addShifts(limited(series.values()), likelihood);
    }
    int best = least;
    for (int t = least; t < likelihood.length; t++) {
      if (likelihood[t] > likelihood[best]) {
        best = t;
      }
    }
    return OptionalDouble.of(table.startSeconds() + best * table.stepSeconds());
  }

  /** Adds, for each step, how likely it is that the mean of the series is another from there on. */
  private static void addShifts(double[] values, double[] likelihood) {
    int n = Robust.present(values).length;
    double total = Arrays.stream(values).filter(v -> !Double.isNaN(v)).sum();
    double sum = 0;
    int seen = 0;
    for (int t = 0; t < values.length; t++) {
      if (seen > 0 && seen < n) {
        double apart = sum - total * seen / n;
        likelihood[t] += Math.max(0, apart * apart * n / ((double) seen * (n - seen)) - CHANCE);
      }
      if (!Double.isNaN(values[t])) {
        sum += values[t];
        seen++;
      }
    }
  }

  private static double[] limited(double[] values) {
    double center = Robust.median(values);
    double noise = Robust.noise(values);
    double mean =
        Arrays.stream(Robust.present(values)).map(v -> Math.abs(v - center)).average().orElse(0);
    double scale = noise > 0 ? noise : mean;
    return Arrays.stream(values)
        .map(
            v ->
                scale == 0
                    ? 0 * v
                    : Math.max(-LIMIT_SIGMAS, Math.min(LIMIT_SIGMAS, (v - center) / scale)))
        .toArray();
  }
}
