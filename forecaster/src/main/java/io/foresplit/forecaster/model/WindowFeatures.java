package io.foresplit.forecaster.model;

import io.foresplit.forecaster.Robust;
import io.foresplit.forecaster.Season;
import java.util.Arrays;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A window as its distances from what its season foretells: the last ones, means over the last few,
 * slopes. Without a season, from a long mean. In units of their own spread, so that one regression
 * serves all series.
 *
 * @param means what each value counts as, of its phase, from past seasons
 * @param unit spread of the distances, positive
 */
@SuppressWarnings("ArrayRecordComponent") // a view handed on within one forecast, never compared
record WindowFeatures(
    SortedMap<String, Double> values, Season season, double[] means, double center, double unit) {
  /** Steps ahead that are regressed; between them, and beyond, see {@link WindowRegression}. */
  static final int[] LEADS = {1, 2, 4, 8, 16, 32};

  private static final double KEPT_A_SEASON = 0.8;
  private static final double KEPT_A_VALUE = 0.98;
  private static final double LEAST_UNIT = 1e-9;
  private static final double FURTHEST = 20;
  private static final int LAST = 3;
  private static final int[] MEANS = {4, 8, 16, 64};
  private static final int[] SLOPES = {8, 32};

  static WindowFeatures of(double[] window, Season season) {
    boolean seasonal = season.period() > 1;
    double[] means = season.means(window, seasonal ? KEPT_A_SEASON : KEPT_A_VALUE);
    double center = Robust.median(window);
    double level = means[means.length - 1];
    double[] apart =
        seasonal
            ? season.errors(window, means)
            : Arrays.stream(window).map(value -> value - level).toArray();
    double[] present = Robust.present(apart);
    double unit = Math.max(Robust.sigma(present, Robust.median(present)), LEAST_UNIT);
    double[] scaled =
        Arrays.stream(present)
            .map(value -> Math.max(-FURTHEST, Math.min(FURTHEST, value / unit)))
            .toArray();
    SortedMap<String, Double> features = new TreeMap<>();
    for (int i = 0; i < LAST; i++) {
      features.put("last." + i, i < scaled.length ? scaled[scaled.length - 1 - i] : 0);
    }
    for (int count : MEANS) {
      features.put("mean." + count, mean(scaled, count));
    }
    for (int count : SLOPES) {
      features.put("slope." + count, mean(scaled, count / 2) - mean(scaled, count));
    }
    return new WindowFeatures(features, season, means, center, unit);
  }

  /** What the season, or the long mean, foretells for a step behind the window, from 0. */
  double usual(int step) {
    return season.ahead(means, step, center);
  }

  private static double mean(double[] values, int count) {
    return Arrays.stream(values, Math.max(0, values.length - count), values.length)
        .average()
        .orElse(0);
  }
}
