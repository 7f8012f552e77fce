package io.foresplit.recovery;

import io.foresplit.contract.RecoveryPlan;

/** What to do about a diagnosis: act, check later, or nothing. Reasons are one line. */
sealed interface Decision {
  /** Carry out the plan. */
  record Act(RecoveryPlan plan) implements Decision {}

  /** Not now; the same diagnosis is looked at again at the next tick. */
  record Later(String reason) implements Decision {}

  /** Not for this diagnosis. */
  record Decline(String reason) implements Decision {}
}
