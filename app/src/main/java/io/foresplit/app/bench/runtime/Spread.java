package io.foresplit.app.bench.runtime;

import java.util.List;

/**
 * A figure that was measured several times.
 *
 * @param median the middle one, or the mean of the two in the middle
 * @param count how often
 */
record Spread(double median, double min, double max, int count) {

  /** Of at least one finite value. */
  static Spread of(List<Double> values) {
    if (values.isEmpty()) {
      throw new IllegalArgumentException("a spread needs at least one value");
    }
    List<Double> sorted = values.stream().sorted().toList();
    for (double value : sorted) {
      if (!Double.isFinite(value)) {
        throw new IllegalArgumentException("a measured value must be finite, was " + value);
      }
    }
    int n = sorted.size();
    double median = (sorted.get((n - 1) / 2) + sorted.get(n / 2)) / 2;
    return new Spread(median, sorted.get(0), sorted.get(n - 1), n);
  }
}
