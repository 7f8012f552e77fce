package io.foresplit.diagnoser.library;

/** A file that is no runbook; the message says which, what is wrong, and what to do. */
final class RunbookException extends Exception {
  private static final long serialVersionUID = 1;

  RunbookException(String where, String problem, String remedy) {
    super("runbook " + PlainText.line(where, 300) + " " + problem + ": " + remedy);
  }
}
