package io.foresplit.forecaster;

/** A forecaster that uses the season of a window, so that it is found once for all of them. */
public interface SeasonalForecaster extends Forecaster {
  /**
   * As {@link #forecast(double[], int)}.
   *
   * @param season of the window, of a period shorter than it
   */
  Quantiles forecast(double[] window, Season season, int horizon);

  @Override
  default Quantiles forecast(double[] window, int horizon) {
    return forecast(window, Season.of(window), horizon);
  }
}
