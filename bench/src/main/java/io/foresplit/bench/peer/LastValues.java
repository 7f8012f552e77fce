package io.foresplit.bench.peer;

import java.util.Arrays;

/** The last values of a series, as many as a context has. Mutable. */
final class LastValues {
  private final double[] ring;
  private long count;

  LastValues(int context) {
    ring = new double[context];
  }

  void append(double value) {
    ring[(int) (count++ % ring.length)] = value;
  }

  /** Oldest first. */
  double[] window() {
    int size = (int) Math.min(count, ring.length);
    double[] window = new double[size];
    Arrays.setAll(window, i -> ring[(int) ((count - size + i) % ring.length)]);
    return window;
  }
}
