package io.foresplit.recovery;

import io.foresplit.contract.RecoveryPlan;

/** What verification says of a move that is in force. */
sealed interface Judgement {
  /** Not enough intervals yet. */
  record Wait() implements Judgement {}

  /** It helped. */
  record Helped(double stepSeconds, String detail) implements Judgement {}

  /** It did not help, and going back is better. */
  record Undo(RecoveryPlan reverse) implements Judgement {}

  /** It did not help, and stays. */
  record Keep(double stepSeconds, String detail) implements Judgement {}
}
