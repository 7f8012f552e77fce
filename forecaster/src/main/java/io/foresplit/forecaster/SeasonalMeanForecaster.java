package io.foresplit.forecaster;

import java.util.Arrays;

/**
 * The exponentially weighted mean of past values of the same phase of the season: exponential
 * smoothing of each phase for itself (Brown 1956), with a fixed weight. Without season, a long
 * mean.
 */
final class SeasonalMeanForecaster implements SeasonalForecaster {
  private static final double KEPT_A_SEASON = 0.8;
  private static final double KEPT_A_VALUE = 0.98;

  @Override
  public String name() {
    return "seasonal-mean/1";
  }

  @Override
  public Quantiles forecast(double[] window, Season season, int horizon) {
    boolean seasonal = season.period() > 1;
    double[] means = season.means(window, seasonal ? KEPT_A_SEASON : KEPT_A_VALUE);
    double center = Robust.median(window);
    double level = means[window.length - 1];
    double[] errors =
        seasonal
            ? season.errors(window, means)
            : Arrays.stream(window).map(value -> value - level).toArray();
    double[] median = new double[horizon];
    Arrays.setAll(median, h -> season.ahead(means, h, center));
    double[] sigma = new double[horizon];
    Arrays.fill(sigma, Season.noise(errors));
    return Quantiles.normal(median, sigma);
  }
}
