package io.foresplit.diagnoser.llm.local;

/** Who hears an answer, and may have gone before the turn of the question has come. */
public interface Listening {
  /** Whether the answer is still wanted. */
  boolean isListening();
}
