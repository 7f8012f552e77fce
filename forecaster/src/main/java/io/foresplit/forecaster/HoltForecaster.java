package io.foresplit.forecaster;

import java.util.Arrays;

/** Damped-trend exponential smoothing (Gardner and McKenzie 1985) with fixed weights. */
final class HoltForecaster implements Forecaster {
  private static final double LEVEL = 0.35;
  private static final double TREND = 0.08;
  private static final double DAMPING = 0.92;
  private static final int REACH = 96;

  @Override
  public String name() {
    return "damped-holt/1";
  }

  @Override
  public Quantiles forecast(double[] window, int horizon) {
    double[] errors = new double[window.length];
    Arrays.fill(errors, Double.NaN);
    double level = Double.NaN;
    double trend = 0;
    for (int i = Math.max(0, firstWithin(window)); i < window.length; i++) {
      double expected = level + DAMPING * trend;
      if (Double.isNaN(level)) {
        level = window[i];
      } else if (Double.isNaN(window[i])) {
        level = expected;
        trend *= DAMPING;
      } else {
        errors[i] = window[i] - expected;
        level = expected + LEVEL * errors[i];
        trend = DAMPING * trend + LEVEL * TREND * errors[i];
      }
    }
    double noise = Math.max(Robust.sigma(errors, 0), 1e-9);
    double[] median = new double[horizon];
    double[] sigma = new double[horizon];
    double carried = 0; // sum of damping^1..h
    double variance = 1;
    for (int h = 0; h < horizon; h++) {
      carried += Math.pow(DAMPING, h + 1);
      median[h] = level + carried * trend;
      sigma[h] = noise * Math.sqrt(variance);
      double weight = LEVEL * (1 + TREND * carried);
      variance += weight * weight;
    }
    return Quantiles.normal(median, sigma);
  }

  /** Start of the last stretch; the whole window when its values are all old. */
  private static int firstWithin(double[] window) {
    int from = Math.max(0, window.length - REACH);
    return Robust.countPresent(Arrays.copyOfRange(window, from, window.length)) >= 2 ? from : 0;
  }
}
