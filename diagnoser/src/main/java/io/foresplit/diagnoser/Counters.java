package io.foresplit.diagnoser;

import java.util.Arrays;

/**
 * Series that count up for ever, such as bytes sent, and tell by their rate alone. One is known by
 * that it never fell before the onset and rose as regularly as it is read (derived): memory in use
 * may grow, but hardly so.
 */
final class Counters {
  /** Fewest rises that tell a counter. */
  private static final int LEAST_RISES = 10;

  /** A gap between rises is at most as many times the median one. */
  private static final int MOST_GAPS = 3;

  private Counters() {}

  /**
   * The rate by step of a counter, the same from rise to rise; any other series as it is.
   *
   * @param end step that the onset is not before
   */
  static double[] rates(double[] values, int end) {
    int gap = usualGap(values, end);
    if (gap == 0) {
      return values;
    }
    double[] rates = new double[values.length];
    Arrays.fill(rates, Double.NaN);
    int risen = -1; // the last step that it rose at, or was first seen
    for (int i = 0; i < values.length; i++) {
      if (Double.isNaN(values[i])) {
        continue;
      }
      double gain = risen < 0 ? Double.NaN : values[i] - values[risen];
      if (gain > 0) {
        Arrays.fill(rates, risen + 1, i + 1, gain / (i - risen));
      } else if (gain == 0 && i - risen > MOST_GAPS * gap) {
        rates[i] = 0;
      }
      if (gain != 0) {
        risen = i;
      }
    }
    return rates;
  }

  /** Steps from rise to rise, the median; 0 for what is no counter. */
  private static int usualGap(double[] values, int end) {
    double[] gaps = new double[end];
    int rises = 0;
    int risen = -1;
    double last = Double.NaN;
    for (int i = 0; i < end; i++) {
      if (values[i] < last) {
        return 0;
      }
      if (values[i] > last) {
        if (risen >= 0) {
          gaps[rises++] = i - risen;
        }
        risen = i;
      }
      last = Double.isNaN(values[i]) ? last : values[i];
    }
    if (rises < LEAST_RISES) {
      return 0;
    }
    double[] sorted = Arrays.copyOf(gaps, rises);
    Arrays.sort(sorted);
    int usual = (int) sorted[rises / 2];
    double longest = Math.max(sorted[rises - 1], end - 1 - risen);
    return longest <= MOST_GAPS * usual ? usual : 0;
  }
}
