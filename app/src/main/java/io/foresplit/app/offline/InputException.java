package io.foresplit.app.offline;

/** Input that cannot be used; the message says where, what was expected and what was found. */
final class InputException extends Exception {
  private static final long serialVersionUID = 1;

  private static final int LONGEST_SHOWN = 80;

  InputException(String message) {
    super(message);
  }

  /** A text of the input as part of a line: without line breaks, cut when long. */
  static String shown(String text) {
    String cut = text.length() <= LONGEST_SHOWN ? text : text.substring(0, LONGEST_SHOWN - 1) + "…";
    return cut.replaceAll("\\p{Cntrl}|\\R", " ");
  }
}
