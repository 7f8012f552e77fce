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

  /** A call was answered. */
  default void answered(Duration took) {}

  /** A call failed; it may be made again. */
  default void failed(Reason reason, Duration took) {}

  /** A call that failed is made again. */
  default void retried() {}

  /** What a call cost, answered or not; estimated where the endpoint does not count. */
  default void spent(long tokensRead, long tokensWritten) {}

  /** No call was made, because of a limit. */
  default void refused(Reason limit) {}

  default void breaker(Breaker state) {}
}
