package io.foresplit.contract;

import java.util.Arrays;

/**
 * Equally spaced values of a series; NaN where an interval is missing.
 *
 * @param last interval of the last value
 * @param epoch topology epoch of the last value
 */
@SuppressWarnings("ArrayRecordComponent") // a dense window; copied on the way in and out
public record MetricWindow(SeriesKey series, long last, long epoch, double[] values) {
  public MetricWindow {
    values = values.clone();
  }

  @Override
  public double[] values() {
    return values.clone();
  }

  public int length() {
    return values.length;
  }

  public double value(int index) {
    return values[index];
  }

  /** How many values are there, gaps left out. */
  public int present() {
    return (int) Arrays.stream(values).filter(v -> !Double.isNaN(v)).count();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof MetricWindow w
        && series.equals(w.series)
        && last == w.last
        && epoch == w.epoch
        && Arrays.equals(values, w.values);
  }

  @Override
  public int hashCode() {
    return series.hashCode() * 31 + Arrays.hashCode(values);
  }
}
