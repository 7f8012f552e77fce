package io.foresplit.bench.peer;

import io.foresplit.bench.data.RootCauseCase;
import io.foresplit.bench.data.RootCauseCase.Series;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.apache.commons.math3.stat.StatUtils;

/**
 * Ranks components by the largest deviation of any of their metrics, in any abnormal row, from what
 * was normal before the onset, in units of the normal spread; a spread of 0 counts as 1. Metrics
 * with fewer than {@value #LEAST_NORMAL} normal values say nothing.
 */
public enum DeviationRanker implements RootCauseRanker {
  /** Distance from the mean in standard deviations: the three-sigma rule, as a ranking. */
  THREE_SIGMA("three-sigma") {
    @Override
    double center(double[] normal) {
      return StatUtils.mean(normal);
    }

    @Override
    double spread(double[] normal) {
      return Math.sqrt(StatUtils.populationVariance(normal));
    }
  },
  /**
   * Distance from the median in interquartile ranges: the scorer of BARO (Pham et al., FSE 2024)
   * alone, without its change point detection, for the onset is given; the distance is taken
   * without its sign, so that a fall counts as much as a rise.
   */
  ROBUST("baro-like") {
    @Override
    double center(double[] normal) {
      return StatUtils.percentile(normal, 50);
    }

    @Override
    double spread(double[] normal) {
      return StatUtils.percentile(normal, 75) - StatUtils.percentile(normal, 25);
    }
  },
  /**
   * The same with its sign, so that a rise alone counts: the formula of BARO's scorer as published
   * (the greatest value of a robust scaler that was fitted before the onset).
   */
  RISE("baro-scorer") {
    @Override
    double center(double[] normal) {
      return ROBUST.center(normal);
    }

    @Override
    double spread(double[] normal) {
      return ROBUST.spread(normal);
    }

    @Override
    double distance(double value, double center) {
      return value - center;
    }
  };

  private static final int LEAST_NORMAL = 5;

  private final String label;

  DeviationRanker(String label) {
    this.label = label;
  }

  abstract double center(double[] normal);

  abstract double spread(double[] normal);

  double distance(double value, double center) {
    return Math.abs(value - center);
  }

  @Override
  public String label() {
    return label;
  }

  @Override
  public Map<String, Double> scores(RootCauseCase incident) {
    Map<String, Double> scores = new HashMap<>();
    for (Series series : incident.series()) {
      scores.merge(series.component(), deviation(series.values(), incident.onset()), Math::max);
    }
    return scores;
  }

  private double deviation(double[] values, int onset) {
    double[] normal = present(values, 0, onset);
    double[] abnormal = present(values, onset, values.length);
    if (normal.length < LEAST_NORMAL) {
      return 0;
    }
    double center = center(normal);
    double spread = spread(normal);
    double unit = spread > 0 ? spread : 1;
    return Arrays.stream(abnormal).map(v -> distance(v, center) / unit).max().orElse(0);
  }

  private static double[] present(double[] values, int from, int to) {
    return Arrays.stream(values, from, to).filter(v -> !Double.isNaN(v)).toArray();
  }
}
