package io.foresplit.diagnoser.llm.local;

/**
 * What the child says.
 *
 * @param id of the question, 0 when it is about the child itself
 * @param text the piece, or what went wrong
 * @param promptTokens known with {@link Kind#END}
 * @param answerTokens likewise
 */
record Reply(Kind kind, int id, String text, int promptTokens, int answerTokens) {
  /** What a reply is about. */
  enum Kind {
    /** The model is loaded. */
    READY,
    /** The model cannot be loaded; the child ends. */
    UNLOADABLE,
    /** The next part of an answer. */
    PIECE,
    /** The answer is complete, or was cancelled. */
    END,
    /** The question cannot be answered. */
    REFUSED,
    /** Told by this side: the child has ended, or talks nonsense and is of no use any more. */
    GONE
  }

  static Reply ready() {
    return new Reply(Kind.READY, 0, "", 0, 0);
  }

  static Reply unloadable(String reason) {
    return new Reply(Kind.UNLOADABLE, 0, reason, 0, 0);
  }

  static Reply piece(int id, String text) {
    return new Reply(Kind.PIECE, id, text, 0, 0);
  }

  static Reply end(int id, int promptTokens, int answerTokens) {
    return new Reply(Kind.END, id, "", promptTokens, answerTokens);
  }

  static Reply refused(int id, String reason) {
    return new Reply(Kind.REFUSED, id, reason, 0, 0);
  }

  static Reply gone(String reason) {
    return new Reply(Kind.GONE, 0, reason, 0, 0);
  }
}
