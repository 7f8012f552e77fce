package io.foresplit.runtime;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;

/**
 * Tells how much this machine delays what runs on it: again and again a thread pauses and computes
 * for a known time, as nodes do. What other programs take, processor time that the host of a
 * virtual machine takes and pauses of this JVM show in it alike.
 */
final class ReferencePass implements AutoCloseable {
  private static final long PAUSE_NANOS = 5_000_000;
  private static final long COMPUTE_NANOS = 500_000;

  private record Pass(Instant end, double slowdown) {}

  private final List<Pass> passes = new CopyOnWriteArrayList<>();
  private final Thread thread = new Thread(this::loop, "reference-pass");

  ReferencePass() {
    thread.setDaemon(true);
    thread.start();
  }

  private void loop() {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    while (!Thread.currentThread().isInterrupted()) {
      long start = System.nanoTime();
      LockSupport.parkNanos(PAUSE_NANOS);
      long processor = threads.getCurrentThreadCpuTime();
      while (threads.getCurrentThreadCpuTime() - processor < COMPUTE_NANOS) {
        Thread.onSpinWait();
      }
      double took = System.nanoTime() - start;
      passes.add(new Pass(InstantSource.system().instant(), took / (PAUSE_NANOS + COMPUTE_NANOS)));
    }
  }

  /** What passes took of what they should have taken, on average; 1 on a quiet machine. */
  double slowdown(Instant from, Instant to) {
    return passes.stream()
        .filter(pass -> !pass.end().isBefore(from) && pass.end().isBefore(to))
        .mapToDouble(Pass::slowdown)
        .average()
        .orElse(Double.POSITIVE_INFINITY);
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
