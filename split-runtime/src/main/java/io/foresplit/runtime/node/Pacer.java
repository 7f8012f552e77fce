package io.foresplit.runtime.node;

import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/** Waits for a moment. */
@FunctionalInterface
public interface Pacer {
  /**
   * Returns at the moment or just after it; at once when it has passed.
   *
   * @param deadlineNanos on the nano-time source of the node
   */
  void until(long deadlineNanos) throws InterruptedException;

  /** Parks, and spins through the last moments: timers wake up some 60 µs late. */
  static Pacer parking(LongSupplier nanoTime) {
    final long spinNanos = 60_000;
    return deadline -> {
      while (true) {
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
        long left = deadline - nanoTime.getAsLong();
        if (left <= 0) {
          return;
        }
        if (left > spinNanos) {
          LockSupport.parkNanos(left - spinNanos);
        } else {
          Thread.onSpinWait();
        }
      }
    };
  }
}
