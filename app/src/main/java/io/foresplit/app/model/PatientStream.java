package io.foresplit.app.model;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * A stream that is closed when nothing comes of it for a while, so that whoever reads it hears of
 * that. The time limit of an HTTP client ends with the head of a response.
 */
final class PatientStream extends FilterInputStream {
  private final Duration patience;
  private volatile boolean abandoned;

  /**
   * @param patience how long one read may take
   */
  PatientStream(InputStream body, Duration patience) {
    super(body);
    this.patience = patience;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    CompletableFuture<Void> end =
        CompletableFuture.runAsync(
            this::abandon,
            CompletableFuture.delayedExecutor(patience.toMillis(), TimeUnit.MILLISECONDS));
    try {
      return super.read(buffer, offset, length);
    } catch (IOException e) {
      if (abandoned) {
        throw new IOException("nothing came for " + patience.toSeconds() + " s", e);
      }
      throw e;
    } finally {
      end.cancel(false);
    }
  }

  private void abandon() {
    abandoned = true;
    try {
      close();
    } catch (IOException e) {
      // it is of no use any more, and the reader is told why
    }
  }
}
