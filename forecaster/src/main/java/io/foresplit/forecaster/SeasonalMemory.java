package io.foresplit.forecaster;

import java.util.Arrays;

/**
 * The last values of a series and the period they repeat with, if they do: the lag of the greatest
 * autocorrelation after it has once been low, looked for again as values come in. Holds at most
 * {@value #CAPACITY} values, and no more than there were. Mutable, not thread-safe.
 */
final class SeasonalMemory {
  private static final int CAPACITY = 2048;
  private static final int FIRST_CAPACITY = 16;
  private static final int FIRST_SEARCH = 128;
  private static final double LEAST_LIKENESS = 0.3;
  private static final double CLEARLY_MORE = 1.05;
  private static final double UNLIKE = 0.1;
  private static final int LEAST_PERIOD = 4;
  private static final int PERIODS = 3;

  /** A value is compared with its neighbours of earlier periods too: peaks come a little late. */
  private static final int NEIGHBOURS = 2;

  /** Share of the values, at either end, that is limited to the rest in the search. */
  private static final int LIMITED = 50;

  private double[] ring = new double[FIRST_CAPACITY];
  private long count;
  private long nextSearch = FIRST_SEARCH;
  private int period;

  /**
   * The least distance of a value that comes next from those about one to three periods ago; NaN
   * when there is no period or too little past.
   */
  double distance(double value) {
    if (period == 0 || count <= 2L * period + NEIGHBOURS) {
      return Double.NaN;
    }
    double best = Double.POSITIVE_INFINITY;
    long reach = Math.min(count, CAPACITY);
    for (int k = 1; k <= PERIODS && (long) k * period + NEIGHBOURS <= reach; k++) {
      for (int j = -NEIGHBOURS; j <= NEIGHBOURS; j++) {
        double past = past((long) k * period + j);
        if (!Double.isNaN(past)) {
          best = Math.min(best, Math.abs(value - past));
        }
      }
    }
    return best == Double.POSITIVE_INFINITY ? Double.NaN : best;
  }

  /** The next value, NaN when it is missing. */
  void append(double value) {
    if (count == ring.length && ring.length < CAPACITY) {
      ring = Arrays.copyOf(ring, 2 * ring.length);
    }
    ring[(int) (count % ring.length)] = value;
    count++;
    if (count == nextSearch) {
      period = search();
      nextSearch += Math.min(count, CAPACITY);
    }
  }

  /** The value appended so many before the next one, at most {@link #count}. */
  private double past(long back) {
    return ring[(int) ((count - back) % ring.length)];
  }

  private int search() {
    int n = (int) Math.min(count, CAPACITY);
    double[] values = new double[n];
    Arrays.setAll(values, i -> past(n - (long) i));
    double[] sorted = Robust.present(values);
    if (sorted.length < n / 2) {
      return 0;
    }
    Arrays.sort(sorted);
    double low = sorted[sorted.length / LIMITED];
    double high = sorted[sorted.length - 1 - sorted.length / LIMITED];
    double mean =
        Arrays.stream(sorted).map(v -> Math.max(low, Math.min(high, v))).average().orElse(0);
    int exponent = Math.getExponent(high - low); // so that squares are of no extreme size
    for (int i = 0; i < n; i++) {
      double centered = Math.max(low, Math.min(high, values[i])) - mean;
      values[i] = Double.isNaN(centered) ? 0 : Math.scalb(centered, -exponent);
    }
    double total = Arrays.stream(values).map(v -> v * v).sum();
    double most = LEAST_LIKENESS;
    double kept = 0;
    int best = 0;
    boolean dipped = false;
    for (int lag = LEAST_PERIOD; total > 0 && lag <= n / PERIODS; lag++) {
      double products = 0;
      for (int i = lag; i < n; i++) {
        products += values[i] * values[i - lag];
      }
      double likeness = products / total * n / (n - lag);
      dipped |= likeness < UNLIKE;
      kept = lag == period ? likeness : kept;
      if (dipped && likeness > CLEARLY_MORE * most) {
        most = likeness;
        best = lag;
      }
    }
    return kept > LEAST_LIKENESS && CLEARLY_MORE * kept > most ? period : best;
  }
}
