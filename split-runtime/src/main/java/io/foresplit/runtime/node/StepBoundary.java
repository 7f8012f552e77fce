package io.foresplit.runtime.node;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** What waits for the next moment at which no step is open here. Confined to the compute thread. */
final class StepBoundary {
  private final Deque<Runnable> waiting = new ArrayDeque<>();

  /**
   * Does something now or at the next boundary; nothing if its outcome is completed, or cancelled,
   * before.
   */
  <T> void run(boolean now, Supplier<T> work, CompletableFuture<T> outcome) {
    Runnable once =
        () -> {
          if (!outcome.isDone()) {
            try {
              outcome.complete(work.get());
            } catch (RuntimeException e) {
              outcome.completeExceptionally(e);
            }
          }
        };
    if (now) {
      once.run();
    } else {
      waiting.add(once);
    }
  }

  /** No step is open now. */
  void reached() {
    while (!waiting.isEmpty()) {
      waiting.remove().run();
    }
  }
}
