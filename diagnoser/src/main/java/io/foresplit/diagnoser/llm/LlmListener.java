package io.foresplit.diagnoser.llm;

import io.foresplit.diagnoser.llm.LlmUnavailableException.Reason;
import java.time.Duration;

/**
 * Hears of every call of a language model, for metrics and tests. Called on the threads that ask:
 * implementations are thread-safe and quick.
 */
public interface LlmListener {
  LlmListener NONE = new LlmListener() {};

  /** Whether calls are made; half open, one is made to see. */
  enum Breaker {
    CLOSED,
    OPEN,
    HALF_OPEN
  }

  /** A call was answered; tokens are estimated where the endpoint does not count them. */
  default void answered(long tokensRead, long tokensWritten, Duration took) {}

  /** A call failed. */
  default void failed(Reason reason, Duration took) {}

  /** No call was made, because of a limit. */
  default void refused(Reason limit) {}

  default void breaker(Breaker state) {}
}
