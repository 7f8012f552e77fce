package io.foresplit.diagnoser.library;

/** There are no embeddings on this machine; the message says why. */
public final class EmbedderUnavailableException extends Exception {
  private static final long serialVersionUID = 1;

  public EmbedderUnavailableException(String message) {
    super(message);
  }

  public EmbedderUnavailableException(String message, Throwable cause) {
    super(message, cause);
  }
}
