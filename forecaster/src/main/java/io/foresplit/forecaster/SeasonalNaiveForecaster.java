package io.foresplit.forecaster;

import java.util.Arrays;

/**
 * The value one season ago, the season being the lag at which the window looks most like itself;
 * the last level when it looks like itself at none.
 */
final class SeasonalNaiveForecaster implements Forecaster {
  private static final int LEAST_SEASON = 8;
  private static final double LEAST_LIKENESS = 0.5;
  private static final int LEVEL_VALUES = 4;

  @Override
  public String name() {
    return "seasonal-naive/1";
  }

  @Override
  public Quantiles forecast(double[] window, int horizon) {
    double[] filled = filled(window);
    int season = season(filled);
    double[] differences = new double[Math.max(0, filled.length - season)];
    Arrays.setAll(differences, i -> filled[i + season] - filled[i]);
    double noise = differences.length == 0 ? 0 : Robust.sigma(differences, 0);
    double last = Robust.level(window, LEVEL_VALUES);
    double[] median = new double[horizon];
    double[] sigma = new double[horizon];
    for (int h = 0; h < horizon; h++) {
      median[h] = season == 1 ? last : filled[filled.length - season + h % season];
      int seasons = 1 + h / season;
      sigma[h] = Math.max(noise, 1e-9) * Math.sqrt(seasons);
    }
    return Quantiles.normal(median, sigma);
  }

  private static double[] filled(double[] window) {
    double[] result = window.clone();
    double last = Robust.median(window);
    for (int i = 0; i < result.length; i++) {
      if (Double.isNaN(result[i])) {
        result[i] = last;
      }
      last = result[i];
    }
    return result;
  }

  private static int season(double[] values) {
    double mean = Arrays.stream(values).average().orElse(0);
    double total = Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum();
    int best = 1;
    double likeness = LEAST_LIKENESS;
    boolean dipped = false; // a slow series resembles its near past: wait until it no longer does
    for (int lag = LEAST_SEASON; lag <= values.length / 2; lag++) {
      double products = 0;
      for (int i = lag; i < values.length; i++) {
        products += (values[i] - mean) * (values[i - lag] - mean);
      }
      double here = total > 0 ? products / total * values.length / (values.length - lag) : 0;
      dipped |= here < 0.2;
      if (dipped && here > likeness) {
        likeness = here;
        best = lag;
      }
    }
    return best;
  }
}
