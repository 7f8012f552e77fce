package io.foresplit.forecaster;

/**
 * A slow seasonal pattern, and the distance of the recent level from it, which fades: seasonal
 * exponential smoothing with a damped level (after Holt and Winters; weights fixed). Without
 * season, the recent level on its way back to a long mean.
 */
final class SeasonalLevelForecaster implements SeasonalForecaster {
  private static final double KEPT_A_SEASON = 0.9;
  private static final double KEPT_A_VALUE = 0.99;

  /** Intervals in which the weight of a value for the recent level falls to 1/e. */
  private static final double RECENT = 24;

  /** Intervals ahead in which the recent level falls to 1/e of its distance. */
  private static final double FADE = 96;

  @Override
  public String name() {
    return "seasonal-level/1";
  }

  @Override
  public Quantiles forecast(double[] window, Season season, int horizon) {
    boolean seasonal = season.period() > 1;
    double[] means = season.means(window, seasonal ? KEPT_A_SEASON : KEPT_A_VALUE);
    double center = Robust.median(window);
    double[] away = new double[window.length]; // from the pattern, which has no recent level yet
    double sum = 0;
    double weights = 0;
    double weight = 1;
    for (int i = window.length - 1; i >= 0; i--) {
      int step = Math.floorMod(i - window.length, season.period());
      away[i] = window[i] - season.ahead(means, step, center);
      if (!Double.isNaN(away[i])) {
        sum += weight * away[i];
        weights += weight;
      }
      weight *= Math.exp(-1 / RECENT);
    }
    double level = sum / weights;
    double far = Season.noise(away);
    double near = Math.min(nearNoise(away), far);
    double[] median = new double[horizon];
    double[] sigma = new double[horizon];
    for (int h = 0; h < horizon; h++) {
      double left = Math.exp(-(h + 1) / FADE);
      median[h] = season.ahead(means, h, center) + left * level;
      sigma[h] = Math.sqrt(near * near * left * left + far * far * (1 - left * left));
    }
    return Quantiles.normal(median, sigma);
  }

  /** Noise around a level that moves. */
  private static double nearNoise(double[] away) {
    double[] errors = new double[away.length];
    double level = Double.NaN;
    for (int i = 0; i < away.length; i++) {
      errors[i] = away[i] - level;
      if (!Double.isNaN(away[i])) {
        level = Double.isNaN(level) ? away[i] : level + (away[i] - level) / RECENT;
      }
    }
    return Season.noise(errors);
  }
}
