package io.foresplit.contract;

/**
 * One action and why.
 *
 * @param epoch the topology epoch it is planned on; on another epoch it is void
 * @param predictedBeforeSeconds step time expected under the forecast conditions without it
 * @param predictedAfterSeconds step time expected with it
 * @param proposer whose idea the action was; whoever proposes, code decides
 */
public record RecoveryPlan(
    ActionId actionId,
    JobId job,
    IncidentId incident,
    long epoch,
    long plannedInterval,
    RecoveryAction action,
    double predictedBeforeSeconds,
    double predictedAfterSeconds,
    String reason,
    Proposer proposer) {
  /** Who can propose an action. */
  public enum Proposer {
    PLANNER,
    LANGUAGE_MODEL
  }

  /** A plan of the planner. */
  public RecoveryPlan(
      ActionId actionId,
      JobId job,
      IncidentId incident,
      long epoch,
      long plannedInterval,
      RecoveryAction action,
      double predictedBeforeSeconds,
      double predictedAfterSeconds,
      String reason) {
    this(
        actionId,
        job,
        incident,
        epoch,
        plannedInterval,
        action,
        predictedBeforeSeconds,
        predictedAfterSeconds,
        reason,
        Proposer.PLANNER);
  }
}
