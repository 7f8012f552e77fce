package io.foresplit.bench.peer;

import io.foresplit.forecaster.Quantiles;

/** A method that forecasts a series of which nothing else is known. Stateless. */
public interface HorizonForecaster {
  /** For tables and files. */
  String label();

  /**
   * A fresh start, for one series.
   *
   * @param context most values a forecast is made from
   * @param horizon values ahead
   */
  Course start(int context, int horizon);

  /** A series under way. Mutable. */
  interface Course {
    /** The next value of the series. */
    void append(double value);

    /** What follows the last value: quantiles for each of the horizon. */
    Quantiles forecast();
  }
}
