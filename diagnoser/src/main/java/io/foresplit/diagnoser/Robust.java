package io.foresplit.diagnoser;

import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;

/** Order statistics that a few wild values do not move. NaN is a gap and is left out. */
public final class Robust {
  /** Turns a median absolute deviation into the standard deviation of a normal distribution. */
  static final double MAD_TO_SIGMA = 1.4826;

  private Robust() {}

  static double[] present(double[] values) {
    double[] present = new double[values.length];
    int count = 0;
    for (double value : values) {
      if (!Double.isNaN(value)) {
        present[count++] = value;
      }
    }
    return Arrays.copyOf(present, count);
  }

  /** How many values are present. */
  static int count(double[] values) {
    int count = 0;
    for (double value : values) {
      count += Double.isNaN(value) ? 0 : 1;
    }
    return count;
  }

  /** The median of the values present, or NaN when there are none. */
  public static double median(double[] values) {
    return median(values, value -> value);
  }

  /**
   * The median on another scale.
   *
   * @param scale keeps the order of values
   */
  static double median(double[] values, DoubleUnaryOperator scale) {
    double[] present = present(values);
    if (present.length == 0) {
      return Double.NaN;
    }
    int middle = present.length / 2;
    double upper = scale.applyAsDouble(select(present, middle));
    if (present.length % 2 == 1) {
      return upper;
    }
    double lower = present[0];
    for (int i = 1; i < middle; i++) {
      lower = Math.max(lower, present[i]);
    }
    return (scale.applyAsDouble(lower) + upper) / 2;
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
    Arrays.setAll(level, i -> Math.abs(level[i] - center));
    return MAD_TO_SIGMA * median(level);
  }

  /** Quartiles and median. */
  record Quartiles(double low, double median, double high) {}

  /** Of at least one value, none NaN, which are reordered. */
  static Quartiles quartilesOf(double[] values) {
    int last = values.length - 1;
    double median = select(values, 0, last, last / 2);
    double upper = last % 2 == 0 ? median : select(values, last / 2 + 1, last, last / 2 + 1);
    double low = select(values, 0, last / 2, last / 4);
    double high = select(values, last / 2, last, last - last / 4);
    return new Quartiles(low, (median + upper) / 2, high);
  }

  /** The k-th smallest of some values, from 0; none NaN. They are reordered. */
  static double select(double[] values, int k) {
    return select(values, 0, values.length - 1, k);
  }

  /**
   * Afterwards none before k, within the bounds, is larger, and none after it is smaller (Hoare's
   * selection, in Lomuto's way, whose loops have no branches to guess).
   */
  private static double select(double[] values, int first, int last, int k) {
    int low = first;
    int high = last;
    while (low < high) {
      double pivot = middle(values[low], values[(low + high) >>> 1], values[high]);
      int less = low;
      for (int i = low; i <= high; i++) {
        double value = values[i];
        values[i] = values[less];
        values[less] = value;
        less += value < pivot ? 1 : 0;
      }
      if (k < less) {
        high = less - 1;
        continue;
      }
      int more = less;
      for (int i = less; i <= high; i++) {
        double value = values[i];
        values[i] = values[more];
        values[more] = value;
        more += value <= pivot ? 1 : 0;
      }
      if (k < more) {
        return pivot;
      }
      low = more;
    }
    return values[k];
  }

  private static double middle(double a, double b, double c) {
    return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
  }
}
