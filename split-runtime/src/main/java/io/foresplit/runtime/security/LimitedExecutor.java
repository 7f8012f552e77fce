package io.foresplit.runtime.security;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** Runs so many tasks at once on another executor, and the others in turn. Thread-safe. */
final class LimitedExecutor implements Executor {
  private final Executor threads;
  private final int limit;
  private final Deque<Runnable> waiting = new ArrayDeque<>();
  private int running;

  LimitedExecutor(Executor threads, int limit) {
    this.threads = threads;
    this.limit = limit;
  }

  @Override
  public void execute(Runnable task) {
    synchronized (waiting) {
      if (running == limit) {
        waiting.add(task);
        return;
      }
      running++;
    }
    boolean started = false;
    try {
      threads.execute(() -> work(task));
      started = true;
    } finally {
      if (!started) {
        synchronized (waiting) {
          running--;
        }
      }
    }
  }

  private void work(Runnable first) {
    @Nullable Runnable task = first;
    while (task != null) {
      try {
        task.run();
      } catch (RuntimeException | Error e) {
        Runnable next = next();
        if (next != null) {
          threads.execute(() -> work(next));
        }
        throw e;
      }
      task = next();
    }
  }

  /** The next task, or null when this thread is free again. */
  private @Nullable Runnable next() {
    synchronized (waiting) {
      Runnable task = waiting.poll();
      if (task == null) {
        running--;
      }
      return task;
    }
  }
}
