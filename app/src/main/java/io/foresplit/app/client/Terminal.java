package io.foresplit.app.client;

/** Text of a service made harmless for a terminal. */
final class Terminal {
  private Terminal() {}

  /** Without anything that a terminal obeys, on one line. */
  static String line(String text) {
    return text.replaceAll("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]+", " ");
  }

  /** The same, with its line breaks. */
  static String lines(String text) {
    return text.replaceAll("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}&&[^\\n]]+", " ");
  }
}
