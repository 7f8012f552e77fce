package io.foresplit.runtime.node;

import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Makes work take as long as a node of declared speed would: never less, and more only when the
 * work itself takes more. What one wait overshoots is taken off the next, so that means are
 * unbiased. Confined to one thread.
 */
class Pacing {
  private static final long MAX_CARRY_NANOS = 5_000_000;

  private final Pacer pacer;
  final LongSupplier nanoTime;
  private long carryNanos;

  Pacing(Pacer pacer, LongSupplier nanoTime) {
    this.pacer = pacer;
    this.nanoTime = nanoTime;
  }

  /** The result of work and the seconds it took, waiting included. */
  record Paced<T>(T value, double seconds) {}

  /**
   * Does work.
   *
   * @param targetSeconds least time it takes
   */
  <T> Paced<T> run(double targetSeconds, Supplier<T> work) throws InterruptedException {
    long start = nanoTime.getAsLong();
    long target = start + Math.round(targetSeconds * 1e9);
    T value = work.get();
    long end = nanoTime.getAsLong();
    if (end < target) {
      pacer.until(target - carryNanos);
      end = nanoTime.getAsLong();
      carryNanos = Math.min(MAX_CARRY_NANOS, Math.max(0, carryNanos + end - target));
    }
    return new Paced<>(value, (end - start) / 1e9);
  }
}
