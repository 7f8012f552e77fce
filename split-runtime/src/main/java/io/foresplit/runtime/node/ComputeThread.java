package io.foresplit.runtime.node;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/** The one thread of a node on which tensors are touched. Thread-safe. */
final class ComputeThread implements Executor {
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(
          task -> {
            Thread created = new Thread(task, "compute");
            created.setDaemon(true);
            return created;
          });

  @Override
  public void execute(Runnable task) {
    try {
      thread.execute(task);
    } catch (RejectedExecutionException e) {
      throw new IllegalStateException("the node ends", e);
    }
  }

  /** Does something there and waits for it. */
  <T> T call(Callable<T> work) throws InterruptedException, ExecutionException {
    return thread.submit(work).get();
  }

  /** Does a last thing there, after what is under way, and ends the thread. */
  void close(Runnable last) {
    try {
      thread.execute(last);
      thread.shutdown();
      if (!thread.awaitTermination(2, TimeUnit.SECONDS)) {
        thread.shutdownNow();
      }
    } catch (RejectedExecutionException e) {
      throw new IllegalStateException("the compute thread has ended", e);
    } catch (InterruptedException e) {
      thread.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }
}
