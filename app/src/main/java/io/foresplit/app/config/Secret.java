package io.foresplit.app.config;

/** A value that never shows itself: printing it prints a mark. */
public record Secret(String value) {
  static final String REDACTED = "[redacted]";

  @Override
  public String toString() {
    return REDACTED;
  }
}
