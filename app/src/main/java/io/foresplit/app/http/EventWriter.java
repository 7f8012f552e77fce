package io.foresplit.app.http;

import io.javalin.http.HttpStatus;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/**
 * Writes server-sent events as the body of a response, each flushed at once, on the thread of the
 * request: nothing is left to write to once the request is over. Used by one thread.
 */
final class EventWriter {
  /** Nobody reads the events any more. */
  static final class Left extends UncheckedIOException {
    private static final long serialVersionUID = 1;

    Left(IOException cause) {
      super(cause);
    }
  }

  private final OutputStream out;

  /**
   * Sends the head at once, so that who asked knows that events come.
   *
   * @throws Left when nobody reads it
   */
  EventWriter(HttpServletResponse response) {
    response.setStatus(HttpStatus.OK.getCode());
    response.setContentType("text/event-stream");
    response.setCharacterEncoding(StandardCharsets.UTF_8.name());
    response.setHeader("X-Accel-Buffering", "no");
    try {
      out = response.getOutputStream();
      response.flushBuffer();
    } catch (IOException e) {
      throw new Left(e);
    }
  }

  /**
   * @param data one line
   * @throws Left when nobody reads it
   */
  void event(String name, String data) {
    write("event: " + name + "\ndata: " + data + "\n\n");
  }

  /**
   * Shows that the stream is alive.
   *
   * @throws Left when nobody reads it
   */
  void comment(String text) {
    write(": " + text + "\n\n");
  }

  private void write(String message) {
    try {
      out.write(message.getBytes(StandardCharsets.UTF_8));
      out.flush();
    } catch (IOException e) {
      throw new Left(e);
    }
  }
}
