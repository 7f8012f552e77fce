package io.foresplit.diagnoser.llm.local;

import java.util.Optional;

/** What computes answers in the child. One thread uses it. */
interface Engine {
  /**
   * Begins an answer.
   *
   * @throws IllegalArgumentException when the question cannot be answered; the message says why
   */
  Run begin(Question question);

  /** An answer on its way. */
  interface Run {
    int promptTokens();

    /** So far. */
    int answerTokens();

    /** Computes the next piece, which may be an empty text; empty at the end. */
    Optional<String> next();

    /** Ends it early; {@link #next} must not be called afterwards. */
    void cancel();
  }
}
