package io.foresplit.forecaster;

import java.util.List;

/**
 * The port to a model that forecasts one series. Implementations are pure and thread-safe. The
 * baselines live here; a large forecasting model takes its place behind the same port.
 */
public interface Forecaster {
  /** Fewest values present in a window that a forecaster is asked about. */
  int LEAST_VALUES = 6;

  /** Name and version, for the provenance of a forecast, such as {@code drift/1}. */
  String name();

  /**
   * How much better than a rule of thumb it is taken to be on a series while nothing is known of
   * it: 1 for such a rule, more for what was trained to forecast any series.
   *
   * @param present values present in the window
   */
  default double trust(int present) {
    return 1;
  }

  /**
   * Quantiles for the next intervals.
   *
   * @param window equally spaced values on the model scale, oldest first, NaN where one is missing;
   *     at least {@link #LEAST_VALUES} are present
   * @param horizon intervals ahead, positive
   */
  Quantiles forecast(double[] window, int horizon);

  /** The same for several windows, in their order; what is said of one depends on it alone. */
  default List<Quantiles> forecast(List<double[]> windows, int horizon) {
    return windows.stream().map(window -> forecast(window, horizon)).toList();
  }

  /** {@link #forecast(List, int)} with the name of who made each. */
  default List<Served> serve(List<double[]> windows, int horizon) {
    return forecast(windows, horizon).stream().map(said -> new Served(said, name())).toList();
  }
}
