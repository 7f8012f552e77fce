package io.foresplit.forecaster;

import java.util.Arrays;

/** Order statistics that a few wild values do not move. NaN is a gap and is left out. */
public final class Robust {
  /** Turns a median absolute deviation into the standard deviation of a normal distribution. */
  private static final double MAD_TO_SIGMA = 1.4826;

  private Robust() {}

  /** The median of the values present, or NaN when there are none. */
  public static double median(double[] values) {
    double[] sorted = present(values);
    if (sorted.length == 0) {
      return Double.NaN;
    }
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  /** Standard deviation by the median absolute deviation from a centre. */
  public static double sigma(double[] values, double center) {
    double[] deviations = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      deviations[i] = Math.abs(values[i] - center);
    }
    return MAD_TO_SIGMA * median(deviations);
  }

  public static double[] present(double[] values) {
    double[] present = new double[values.length];
    int count = 0;
    for (double value : values) {
      if (!Double.isNaN(value)) {
        present[count++] = value;
      }
    }
    return Arrays.copyOf(present, count);
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
    double[] last = new double[Math.min(count, values.length)];
    int from = last.length;
    int left = leaveOut;
    for (int i = values.length - 1; i >= 0 && from > 0; i--) {
      if (!Double.isNaN(values[i]) && left-- <= 0) {
        last[--from] = values[i];
      }
    }
    return Arrays.copyOfRange(last, from, last.length);
  }

  /** Median of the last values present, at most {@code count}; NaN when there are none. */
  static double level(double[] values, int count) {
    return median(lastPresent(values, count, 0));
  }
}
