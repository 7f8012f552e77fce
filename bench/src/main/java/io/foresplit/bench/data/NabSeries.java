package io.foresplit.bench.data;

import java.util.List;

/**
 * A labelled series of NAB. The values are not to be changed.
 *
 * @param name folder and file, such as {@code realAWSCloudwatch/ec2_cpu_utilization_24ae8d.csv}
 * @param values one a row
 * @param windows around the labelled anomalies, in order, without overlap
 */
@SuppressWarnings("ArrayRecordComponent") // 100,000 numbers, read only
public record NabSeries(String name, double[] values, List<Window> windows) {
  /** Share of a series, up to its first {@link #PROBATION_ROWS} rows, in which nothing counts. */
  private static final double PROBATION = 0.15;

  private static final int PROBATION_ROWS = 5000;

  /** First and last row, both inside. */
  public record Window(int first, int last) {
    int rows() {
      return last - first + 1;
    }
  }

  public NabSeries {
    windows = List.copyOf(windows);
    int free = 0;
    for (Window window : windows) {
      if (window.first() < free || window.last() < window.first()) {
        throw new IllegalArgumentException(
            "windows of " + name + " must be in order and apart, was " + windows);
      }
      free = window.last() + 1;
    }
    if (free > values.length) {
      throw new IllegalArgumentException(
          "windows of " + name + " must end within its " + values.length + " rows");
    }
  }

  /** Rows at the start in which detections neither gain nor cost anything. */
  public int probation() {
    return (int) Math.floor(PROBATION * Math.min(values.length, PROBATION_ROWS));
  }
}
