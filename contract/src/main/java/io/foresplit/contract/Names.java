package io.foresplit.contract;

/** Rules for identifiers: they come from telemetry, so they are short and of a closed alphabet. */
final class Names {
  private static final int LONGEST = 63;

  private Names() {}

  static String require(String what, String value) {
    if (!isName(value)) {
      throw new IllegalArgumentException(
          what
              + " must be 1 to 63 letters, digits, '.', '_' or '-', was '"
              + abbreviate(value)
              + "'");
    }
    return value;
  }

  /** By hand and not by a pattern: names are made in every inner loop. */
  private static boolean isName(String value) {
    if (value.isEmpty() || value.length() > LONGEST || !isLetterOrDigit(value.charAt(0))) {
      return false;
    }
    for (int i = 1; i < value.length(); i++) {
      char c = value.charAt(i);
      if (!isLetterOrDigit(c) && c != '.' && c != '_' && c != '-') {
        return false;
      }
    }
    return true;
  }

  private static boolean isLetterOrDigit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  }

  private static String abbreviate(String value) {
    String printable = value.replaceAll("[^\\x20-\\x7e]", "?");
    return printable.length() <= 40 ? printable : printable.substring(0, 40) + "…";
  }
}
