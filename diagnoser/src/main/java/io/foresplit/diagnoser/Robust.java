package io.foresplit.diagnoser;

import java.util.Arrays;

/** Order statistics that a few wild values do not move. NaN is a gap and is left out. */
public final class Robust {
  /** Turns a median absolute deviation into the standard deviation of a normal distribution. */
  private static final double MAD_TO_SIGMA = 1.4826;

  private Robust() {}

  static double[] present(double[] values) {
    return Arrays.stream(values).filter(v -> !Double.isNaN(v)).toArray();
  }

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

  /**
   * Noise of a window by the median absolute deviation from its own slow trend (the line between
   * the medians of its two halves), so that a falling loss does not look noisy.
   */
  static double noise(double[] values) {
    int half = values.length / 2;
    double first = median(Arrays.copyOfRange(values, 0, half));
    double second = median(Arrays.copyOfRange(values, half, values.length));
    double slope = half == 0 || Double.isNaN(second - first) ? 0 : (second - first) / half;
    double[] level = new double[values.length];
    Arrays.setAll(level, i -> values[i] - slope * i);
    double center = median(level);
    return MAD_TO_SIGMA * median(Arrays.stream(level).map(v -> Math.abs(v - center)).toArray());
  }
}
