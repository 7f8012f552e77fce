package io.foresplit.contract;

/**
 * One action and why.
 *
 * @param epoch the topology epoch it is planned on; on another epoch it is void
 * @param predictedBeforeSeconds step time expected under the forecast conditions without it
 * @param predictedAfterSeconds step time expected with it
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
    String reason) {}
