package io.foresplit.diagnoser;

import io.foresplit.diagnoser.MetricTable.MetricSeries;
import java.util.Arrays;
import java.util.Optional;

/**
 * Where a series lay before an onset that may be somewhat wrong: the last steps before it are left
 * out. A counter is judged by its rate.
 *
 * @param values of the series, or its rate; NaN where missing
 * @param center median
 * @param quartiles distance of the quartiles, or the mean distance from the median where they are
 *     equal; 0 for a constant
 * @param still whether the quartiles are equal
 * @param usual distance from the median that the series kept up for {@link OnsetWindow#hold} steps,
 *     but for the furthest
 * @param recent median of the last steps, the guard left out
 * @param coverage share of the steps that have a value in any series
 */
@SuppressWarnings("ArrayRecordComponent") // internal, read only
record Baseline(
    MetricSeries series,
    double[] values,
    double center,
    double quartiles,
    boolean still,
    double usual,
    double recent,
    double coverage) {
  /** Fewest values that tell what is normal. */
  static final int LEAST_VALUES = 4;

  /** A series present in less than this share of the known steps says nothing. */
  private static final double LEAST_COVERAGE = 0.1;

  /** Share of the steps that were as usual. */
  private static final double USUAL = 0.98;

  /** Empty when too little is known. */
  static Optional<Baseline> of(MetricSeries series, OnsetWindow window) {
    int end = window.before();
    double[] values = Counters.rates(series.values(), end);
    double[] before = present(values, 0, end);
    if (before.length < Math.max(LEAST_VALUES, LEAST_COVERAGE * window.known())) {
      return Optional.empty();
    }
    double[] held = Held.of(before, window.hold()).clone();
    double[] last = present(values, Math.max(0, end - window.guard()), end);
    Robust.Quartiles q = Robust.quartilesOf(before); // reorders
    double center = q.median();
    double quartiles = q.high() - q.low();
    boolean still = quartiles <= 0;
    if (still) {
      quartiles = 0;
      for (double value : before) {
        quartiles += Math.abs(value - center) / before.length;
      }
    }
    for (int i = 0; i < held.length; i++) {
      held[i] = Math.abs(held[i] - center);
    }
    return Optional.of(
        new Baseline(
            series,
            values,
            center,
            quartiles,
            still,
            Robust.select(held, (int) (USUAL * (held.length - 1))),
            recent(last, center),
            (double) before.length / window.known()));
  }

  /**
   * The median of the last values; of one or two, for they are noisy, the one nearer the centre.
   */
  private static double recent(double[] last, double center) {
    if (last.length > 2) {
      return Robust.select(last, last.length / 2);
    }
    double nearest = center;
    for (int i = 0; i < last.length; i++) {
      nearest =
          i == 0 || Math.abs(last[i] - center) < Math.abs(nearest - center) ? last[i] : nearest;
    }
    return nearest;
  }

  static double[] present(double[] values, int from, int to) {
    double[] present = new double[to - from];
    int count = 0;
    for (int i = from; i < to; i++) {
      if (!Double.isNaN(values[i])) {
        present[count++] = values[i];
      }
    }
    return count == present.length ? present : Arrays.copyOf(present, count);
  }
}
