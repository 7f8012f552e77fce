package io.foresplit.app.config;

/**
 * Something outside the program keeps it from starting or going on. The message is for people: what
 * is wrong, where, and what to do; it is shown without a stack trace.
 */
public final class StartupException extends RuntimeException {
  public StartupException(String message) {
    super(message);
  }

  public StartupException(String message, Throwable cause) {
    super(message, cause);
  }
}
