package io.foresplit.contract;

/**
 * How an action ended.
 *
 * @param pauseMillis how long training stood still for it
 * @param stepSecondsBefore median step time before it
 * @param stepSecondsAfter median step time in the verification window
 */
public record ActionOutcome(
    RecoveryPlan plan,
    Result result,
    long interval,
    long pauseMillis,
    double stepSecondsBefore,
    double stepSecondsAfter,
    String detail) {
  /** The ways an action can end. */
  public enum Result {
    /** Verified: it helped. */
    HELPED,
    /** It did not help and was undone. */
    UNDONE,
    /** It did not help, and could not be undone. */
    KEPT,
    /** The runtime refused or failed; the old placement is in force. */
    FAILED,
    /** Nothing was to be moved; the operator was told. */
    NOTIFIED
  }
}
