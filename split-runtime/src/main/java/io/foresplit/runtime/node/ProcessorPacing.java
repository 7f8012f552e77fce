package io.foresplit.runtime.node;

import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Makes work take as much processor time as a node of declared speed would need, by computing on
 * when the work itself needs less. On an idle processor that takes as long as {@link Pacing} would
 * have it take; where other threads compete it takes longer by itself, as it would on such a node.
 * It keeps a processor busy, so it is for nodes that are to feel contention. Confined to one
 * thread.
 */
final class ProcessorPacing extends Pacing {
  /** Additions between two looks at the clock, some 10 µs. */
  private static final int ADDITIONS = 10_000;

  private final LongSupplier processorNanos;
  private double sum;

  /**
   * @param processorNanos processor time that the calling thread has had
   */
  ProcessorPacing(LongSupplier nanoTime, LongSupplier processorNanos) {
    super(deadline -> {}, nanoTime);
    this.processorNanos = processorNanos;
  }

  /**
   * Does work.
   *
   * @param targetSeconds least processor time it takes
   */
  @Override
  <T> Paced<T> run(double targetSeconds, Supplier<T> work) throws InterruptedException {
    long start = nanoTime.getAsLong();
    long target = processorNanos.getAsLong() + Math.round(targetSeconds * 1e9);
    T value = work.get();
    while (processorNanos.getAsLong() < target) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      compute();
    }
    return new Paced<>(value, (nanoTime.getAsLong() - start) / 1e9);
  }

  private void compute() {
    double next = sum;
    for (int i = 0; i < ADDITIONS; i++) {
      next = next * 0.5 + i;
    }
    sum = next;
  }
}
