package io.foresplit.recovery;

/** Where a recovery action is in its life; {@link ActionStateMachine} says what leads where. */
public enum ActionState {
  /** Decided, not in the journal yet. */
  PLANNED,
  /** In the journal; what the runtime did is not known yet. */
  INTENDED,
  /** The runtime refused or failed; the outcome is not published yet. */
  REFUSED,
  /** The new placement is in force and being measured. */
  VERIFYING,
  /** The reverse move is in the journal. */
  UNDOING,
  /** The old placement is in force again; the outcome is not published yet. */
  REVERTED,
  /** The reverse move failed; the outcome is not published yet. */
  STUCK,
  HELPED,
  UNDONE,
  KEPT,
  FAILED,
  NOTIFIED;

  /** Whether the action is over. */
  public boolean isFinal() {
    return switch (this) {
      case PLANNED, INTENDED, REFUSED, VERIFYING, UNDOING, REVERTED, STUCK -> false;
      case HELPED, UNDONE, KEPT, FAILED, NOTIFIED -> true;
    };
  }
}
