package io.foresplit.diagnoser;

import io.foresplit.diagnoser.MetricTable.MetricSeries;
import java.util.Arrays;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/**
 * When a system changed, by all of its series together: the step at which the likelihood of a shift
 * of their means, summed over the series, is greatest (CUSUM form; Csörgő and Horváth 1997). A
 * shift may last to the end or end earlier: stretches of 4, 8, 16, … steps are looked at too
 * (derived). Values are limited to a few sigmas of the noise, so that lone ones do not decide
 * (derived).
 */
final class MetricOnset {
  /** Fewest steps before an onset, and values of a series before it, that tell what is normal. */
  static final int LEAST_BEFORE = 30;

  /** Fewest values that make a shift. */
  private static final int LEAST_AFTER = 4;

  private static final double LIMIT_SIGMAS = 6;
  private static final double MOST_CORRELATION = 0.8;
  private static final double LEAST_WANDER = 0.25;

  /** Share of the tables of mere noise in which a shift is seen (union bound over all looks). */
  private static final double FALSE_SHIFTS = 0.01;

  private MetricOnset() {}

  /** In seconds of the epoch; empty when no shift stands out, or the table is too short to tell. */
  static OptionalDouble estimate(MetricTable table) {
    double[] likelihood = new double[table.steps()];
    double looks = (double) table.steps() * table.series().size();
    double chance = 2 * Math.log(looks / FALSE_SHIFTS);
    for (MetricSeries series : table.series()) {
      double[] values = limited(series.values());
      addShifts(values, chance * wander(values), likelihood);
    }
    int best = 0;
    for (int t = 1; t < likelihood.length; t++) {
      if (likelihood[t] > likelihood[best]) {
        best = t;
      }
    }
    return best == 0
        ? OptionalDouble.empty()
        : OptionalDouble.of(table.startSeconds() + best * table.stepSeconds());
  }

  /**
   * Adds, for each step, how likely it is that the mean of the series is another from there on.
   *
   * @param chance what the statistic of a series without a shift does not reach
   */
  private static void addShifts(double[] values, double chance, double[] likelihood) {
    double[] sums = new double[values.length + 1];
    int[] counts = new int[values.length + 1];
    for (int t = 0; t < values.length; t++) {
      boolean present = !Double.isNaN(values[t]);
      sums[t + 1] = sums[t] + (present ? values[t] : 0);
      counts[t + 1] = counts[t] + (present ? 1 : 0);
    }
    for (int t = LEAST_BEFORE; t <= values.length - LEAST_AFTER; t++) {
      double most = 0;
      for (int length = LEAST_AFTER; counts[t] >= LEAST_BEFORE; length *= 2) {
        int end = Math.min(t + length, values.length);
        double before = counts[t];
        double after = counts[end] - counts[t];
        if (after >= LEAST_AFTER) {
          double apart = (sums[end] - sums[t]) / after - sums[t] / before;
          most = Math.max(most, apart * apart * before * after / (before + after));
        }
        if (end == values.length) {
          break;
        }
      }
      likelihood[t] += Math.max(0, most - chance);
    }
  }

  /**
   * The variance of the mean of a series, times its length: (1 + r) / (1 - r) times the variance of
   * a value in a first-order autoregression (derived). That variance and the correlation r of
   * neighbours are told by the differences over one step and over two, which a shift hardly
   * changes.
   */
  private static double wander(double[] values) {
    double one = meanSquare(values, 1);
    double two = meanSquare(values, 2);
    if (!(one > 0 && two > 0)) {
      return 1;
    }
    double r = Math.max(0, Math.min(MOST_CORRELATION, two / one - 1));
    double variance = one / (2 * (1 - r));
    return Math.max(LEAST_WANDER, variance * (1 + r) / (1 - r));
  }

  /** Of the differences over some steps; NaN when there are none. */
  private static double meanSquare(double[] values, int steps) {
    return IntStream.range(steps, values.length)
        .mapToDouble(i -> values[i] - values[i - steps])
        .filter(d -> !Double.isNaN(d))
        .map(d -> d * d)
        .average()
        .orElse(Double.NaN);
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
