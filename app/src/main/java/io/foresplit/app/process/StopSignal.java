package io.foresplit.app.process;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Ctrl-C, or a request of the operating system to end: told to who works, who then has a moment to
 * end in order before the process is ended all the same. Thread-safe.
 */
public final class StopSignal implements AutoCloseable {
  private static final int ORDERLY_END_SECONDS = 9;
  private static final int FAILURE = 1;

  private final CountDownLatch stop = new CountDownLatch(1);
  private final CountDownLatch stopped = new CountDownLatch(1);

  private StopSignal() {}

  /** Listens until the process ends. */
  public static StopSignal listen() {
    StopSignal signal = new StopSignal();
    Runtime.getRuntime().addShutdownHook(new Thread(signal::end, "stop"));
    return signal;
  }

  /** Counted down when it is time to end. */
  public CountDownLatch latch() {
    return stop;
  }

  private void end() {
    stop.countDown();
    try {
      if (!stopped.await(ORDERLY_END_SECONDS, TimeUnit.SECONDS)) {
        Runtime.getRuntime().halt(FAILURE);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** All has ended in order. */
  @Override
  public void close() {
    stopped.countDown();
  }
}
