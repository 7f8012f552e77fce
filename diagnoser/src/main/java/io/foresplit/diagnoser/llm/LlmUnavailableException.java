package io.foresplit.diagnoser.llm;

import org.jspecify.annotations.Nullable;

/**
 * A language model gave no answer. The message is one clear line without any text of the endpoint.
 */
public final class LlmUnavailableException extends RuntimeException {
  /** Why, a closed set. */
  public enum Reason {
    INCIDENT_TOKENS(true),
    DAY_TOKENS(true),
    INCIDENT_TIME(true),
    CIRCUIT_OPEN(true),
    TIMEOUT(false),
    /** The endpoint wants fewer calls. */
    RATE_LIMITED(false),
    /** The endpoint or model cannot do what is asked. */
    REJECTED(false),
    /** An answer without end. */
    FLOOD(false),
    INTERRUPTED(false),
    FAILED(false);

    private final boolean limit;

    Reason(boolean limit) {
      this.limit = limit;
    }

    /** Whether a limit of our own was reached, so that nothing was sent. */
    public boolean isLimit() {
      return limit;
    }
  }

  private final Reason reason;
  private final boolean transientFailure;

  LlmUnavailableException(Reason reason, String message) {
    this(reason, message, false, null);
  }

  /**
   * @param transientFailure whether the same call may succeed a moment later
   */
  LlmUnavailableException(
      Reason reason, String message, boolean transientFailure, @Nullable Throwable cause) {
    super(message, cause);
    this.reason = reason;
    this.transientFailure = transientFailure;
  }

  public Reason reason() {
    return reason;
  }

  boolean isTransient() {
    return transientFailure;
  }
}
