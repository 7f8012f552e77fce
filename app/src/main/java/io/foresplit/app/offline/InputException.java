package io.foresplit.app.offline;

/** Input that cannot be used; the message says where, what was expected and what was found. */
final class InputException extends Exception {
  private static final long serialVersionUID = 1;

  InputException(String message) {
    super(message);
  }
}
