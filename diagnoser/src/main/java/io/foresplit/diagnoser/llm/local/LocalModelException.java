package io.foresplit.diagnoser.llm.local;

/** No answer of the local model; the message is one line and says why. */
public final class LocalModelException extends RuntimeException {
  LocalModelException(String message) {
    super(message);
  }

  LocalModelException(String message, Throwable cause) {
    super(message, cause);
  }
}
