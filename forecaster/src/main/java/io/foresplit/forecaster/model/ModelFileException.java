package io.foresplit.forecaster.model;

import java.io.IOException;

/**
 * A model file that cannot be used. The message is one line: where, what was wrong or expected, and
 * what to do.
 */
public final class ModelFileException extends IOException {
  private static final long serialVersionUID = 1L;

  private static final int LONGEST_SHOWN = 200;

  ModelFileException(String where, String problem, String remedy) {
    super(where + ": " + problem + "; " + remedy);
  }

  ModelFileException(String where, String problem, String remedy, Throwable cause) {
    this(where, problem, remedy);
    initCause(cause);
  }

  /** The reason that a library gives, as part of a line. */
  static String reason(Throwable problem) {
    Throwable root = problem;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    String message = root.getMessage() == null ? root.toString() : root.getMessage();
    return shown(message.replaceFirst("^Error code - \\w+ - message: ", ""));
  }

  /** A text of the file or a library as part of a line: without line breaks, cut when long. */
  static String shown(String text) {
    String line = text.replaceAll("[\\s\\p{Cntrl}]+", " ").strip();
    return line.length() <= LONGEST_SHOWN ? line : line.substring(0, LONGEST_SHOWN) + "…";
  }
}
