package io.foresplit.app.bench.pipeline;

import org.jspecify.annotations.Nullable;

/**
 * How long something took, milliseconds.
 *
 * @param p99Millis nearest rank, so with fewer than 100 it is the longest
 * @param count of intervals of jobs that were measured
 */
record Latency(double medianMillis, double p99Millis, int count) {
  /** Of sorted nanoseconds; null when there are none. */
  static @Nullable Latency of(long[] sorted) {
    return sorted.length == 0
        ? null
        : new Latency(rank(sorted, 0.5), rank(sorted, 0.99), sorted.length);
  }

  private static double rank(long[] sorted, double share) {
    return sorted[(int) Math.ceil(share * sorted.length) - 1] / 1e6;
  }
}
