package io.foresplit.forecaster;

/** The value one season ago; the last level of a series without season. */
final class SeasonalNaiveForecaster implements SeasonalForecaster {
  private static final int LEVEL_VALUES = 4;

  @Override
  public String name() {
    return "seasonal-naive/2";
  }

  @Override
  public Quantiles forecast(double[] window, Season season, int horizon) {
    double[] last = season.means(window, 0);
    double noise = Season.noise(season.errors(window, last));
    double level = Robust.level(window, LEVEL_VALUES);
    double[] median = new double[horizon];
    double[] sigma = new double[horizon];
    for (int h = 0; h < horizon; h++) {
      median[h] = season.period() == 1 ? level : season.ahead(last, h, level);
      int seasons = 1 + h / season.period();
      sigma[h] = noise * Math.sqrt(seasons);
    }
    return Quantiles.normal(median, sigma);
  }
}
