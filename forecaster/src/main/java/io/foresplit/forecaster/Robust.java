package io.foresplit.forecaster;

import java.util.Arrays;

/** Order statistics that a few wild values do not move. NaN is a gap and is left out. */
final class Robust {
  /** Turns a median absolute deviation into the standard deviation of a normal distribution. */
  private static final double MAD_TO_SIGMA = 1.4826;

  private Robust() {}

  /** The median of the values present, or NaN when there are none. */
  static double median(double[] values) {
    double[] sorted = present(values);
    if (sorted.length == 0) {
      return Double.NaN;
    }
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  /** Standard deviation by the median absolute deviation from a centre. */
  static double sigma(double[] values, double center) {
    return MAD_TO_SIGMA * median(Arrays.stream(values).map(v -> Math.abs(v - center)).toArray());
  }

  static double[] present(double[] values) {
    return Arrays.stream(values).filter(v -> !Double.isNaN(v)).toArray();
  }

  static int countPresent(double[] values) {
    int count = 0;
    for (double value : values) {
      if (!Double.isNaN(value)) {
        count++;
      }
    }
    return count;
  }

  /** The last values present, at most {@code count}, oldest first, leaving out the newest few. */
  static double[] lastPresent(double[] values, int count, int leaveOut) {
    double[] all = present(values);
    int end = Math.max(0, all.length - leaveOut);
    return Arrays.copyOfRange(all, Math.max(0, end - count), end);
  }

  /** Median of the last values present, at most {@code count}; NaN when there are none. */
  static double level(double[] values, int count) {
    return median(lastPresent(values, count, 0));
  }
}
