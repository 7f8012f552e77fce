package io.foresplit.diagnoser;

import io.foresplit.diagnoser.MetricTable.MetricSeries;
import java.util.Arrays;
import java.util.Optional;

/**
 * How far a series went after an onset from where it lay before, after BARO's RobustScorer (Pham et
 * al. 2024, "BARO: Robust Root Cause Analysis for Microservices via Multivariate Bayesian Online
 * Change Point Detection"): the greatest distance from the median in units of the quartile
 * distance. Two things are added (derived): a lone value out of three does not count, and the
 * distance is taken relative to what the series did before the onset anyway.
 *
 * @param before median before the onset
 * @param extreme the value furthest from it afterwards, a lone one left out
 * @param distance of the extreme from the median, in units of the spread before, not negative
 * @param strength that distance over the usual one before the onset, less where few values are, in
 *     [0, {@value #MOST}]
 */
record MetricChange(
    MetricSeries series, double before, double extreme, double distance, double strength) {
  static final double MOST = 1000;

  /** Below it a series did not leave where it was. */
  static final double LEAST_STRENGTH = 1.5;

  /** Neighbours whose median stands for them: a lone value does not count. */
  private static final int TOGETHER = 3;

  /** Fewest values before the onset that tell what is normal. */
  static final int LEAST_BEFORE = 4;

  /** A spread below this share of the level is not believed. */
  private static final double LEAST_SPREAD = 0.001;

  /** A series present in less than this share of the steps before counts for less. */
  private static final double ENOUGH_COVERAGE = 0.5;

  /** A series present in less than this share says nothing. */
  private static final double LEAST_COVERAGE = 0.1;

  /** Share of the steps before that were as usual. */
  private static final double USUAL = 0.98;

  private static final double TINY = 1e-9;

  /** The change of a series at the first step after an onset; empty when too little is known. */
  static Optional<MetricChange> of(MetricSeries series, int onset) {
    double[] before = Robust.present(Arrays.copyOfRange(series.values(), 0, onset));
    double[] after =
        Robust.present(Arrays.copyOfRange(series.values(), onset, series.values().length));
    if (before.length < Math.max(LEAST_BEFORE, LEAST_COVERAGE * onset) || after.length == 0) {
      return Optional.empty();
    }
    double center = Robust.median(before);
    double spread = spread(before, center);
    double usual = Math.max(1, usual(before, center) / spread);
    double coverage = Math.min(1, before.length / (ENOUGH_COVERAGE * onset));
    Furthest now = furthest(after, center);
    double distance = Math.min(now.distance() / spread, Double.MAX_VALUE);
    return Optional.of(
        new MetricChange(
            series, center, now.value(), distance, coverage * Math.min(distance / usual, MOST)));
  }

  boolean standsOut() {
    return strength >= LEAST_STRENGTH;
  }

  private static double spread(double[] values, double center) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    double quartiles = quantile(sorted, 0.75) - quantile(sorted, 0.25);
    double mean = Arrays.stream(values).map(v -> Math.abs(v - center)).average().orElse(0);
    double least = Math.max(LEAST_SPREAD * Math.abs(center), TINY);
    return Math.max(quartiles > 0 ? quartiles : mean, least);
  }

  static double quantile(double[] sorted, double share) {
    double at = share * (sorted.length - 1);
    int low = (int) at;
    int high = Math.min(low + 1, sorted.length - 1);
    return sorted[low] + (at - low) * (sorted[high] - sorted[low]);
  }

  /** The distance that all but the wildest values of a series keep. */
  private static double usual(double[] values, double center) {
    int reach = Math.min(values.length, TOGETHER);
    double[] distances = new double[values.length - reach + 1];
    Arrays.setAll(distances, i -> Math.abs(together(values, i, reach) - center));
    Arrays.sort(distances);
    return quantile(distances, USUAL);
  }

  private static double together(double[] values, int from, int reach) {
    return Robust.median(Arrays.copyOfRange(values, from, from + reach));
  }

  private static Furthest furthest(double[] values, double center) {
    Furthest best = new Furthest(center, 0);
    int reach = Math.min(values.length, TOGETHER);
    for (int i = 0; i + reach <= values.length; i++) {
      double value = together(values, i, reach);
      if (Math.abs(value - center) > best.distance()) {
        best = new Furthest(value, Math.abs(value - center));
      }
    }
    return best;
  }

  private record Furthest(double value, double distance) {}
}
