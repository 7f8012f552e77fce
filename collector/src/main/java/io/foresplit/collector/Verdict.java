package io.foresplit.collector;

import io.foresplit.contract.Rejection;

/** Whether something may be used. */
public sealed interface Verdict {
  /** It may. */
  record Accepted() implements Verdict {}

  /**
   * It may not.
   *
   * @param reason one line: what, where, what was expected
   */
  record Refused(Rejection.Code code, String reason) implements Verdict {}
}
