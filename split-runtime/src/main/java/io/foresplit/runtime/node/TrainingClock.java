package io.foresplit.runtime.node;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.LongSupplier;

/** Seconds since training began, the time of traces and faults. Thread-safe. */
record TrainingClock(LongSupplier nanoTime, long originNanos) {
  static TrainingClock startedAt(Instant start, InstantSource wall, LongSupplier nanoTime) {
    return new TrainingClock(
        nanoTime, nanoTime.getAsLong() - Duration.between(start, wall.instant()).toNanos());
  }

  double now() {
    return seconds(nanoTime.getAsLong());
  }

  double seconds(long nanos) {
    return (nanos - originNanos) / 1e9;
  }

  long nanosAt(double seconds) {
    return originNanos + (long) (seconds * 1e9);
  }
}
