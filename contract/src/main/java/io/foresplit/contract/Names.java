package io.foresplit.contract;

import java.util.regex.Pattern;

/** Rules for identifiers: they come from telemetry, so they are short and of a closed alphabet. */
final class Names {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,62}");

  private Names() {}

  static String require(String what, String value) {
    if (!NAME.matcher(value).matches()) {
      throw new IllegalArgumentException(
          what
              + " must be 1 to 63 letters, digits, '.', '_' or '-', was '"
              + abbreviate(value)
              + "'");
    }
    return value;
  }

  private static String abbreviate(String value) {
    String printable = value.replaceAll("[^\\x20-\\x7e]", "?");
    return printable.length() <= 40 ? printable : printable.substring(0, 40) + "…";
  }
}
