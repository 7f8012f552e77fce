package io.foresplit.contract;

import java.time.Instant;
import java.util.List;

/**
 * Trouble that is coming or has come, one per fault. The first record of an id is {@link
 * Phase#OPEN}, then {@link Phase#UPDATED} whenever conditions moved enough to plan again, last
 * {@link Phase#RESOLVED}.
 *
 * @param interval the interval this record was decided at
 * @param openedInterval the interval the incident was opened at
 * @param onsetInterval first interval at which a metric left its healthy range, as estimated
 * @param risks objectives at risk; empty for a silent node
 * @param silent nodes that stopped reporting
 * @param now conditions as measured
 * @param expected conditions as forecast for the end of the horizon
 * @param degradation of which kind it is
 */
public record Incident(
    IncidentId id,
    JobId job,
    Phase phase,
    long interval,
    long openedInterval,
    long onsetInterval,
    Instant at,
    long epoch,
    List<BreachRisk> risks,
    List<NodeId> silent,
    Conditions now,
    Conditions expected,
    Degradation degradation) {
  /** Where an incident is in its life. */
  public enum Phase {
    OPEN,
    UPDATED,
    RESOLVED
  }

  public Incident {
    risks = List.copyOf(risks);
    silent = List.copyOf(silent);
  }

  /** An incident of which nobody has said the kind. */
  public Incident(
      IncidentId id,
      JobId job,
      Phase phase,
      long interval,
      long openedInterval,
      long onsetInterval,
      Instant at,
      long epoch,
      List<BreachRisk> risks,
      List<NodeId> silent,
      Conditions now,
      Conditions expected) {
    this(
        id,
        job,
        phase,
        interval,
        openedInterval,
        onsetInterval,
        at,
        epoch,
        risks,
        silent,
        now,
        expected,
        Degradation.UNKNOWN);
  }

  /** The same, of a kind. */
  public Incident withDegradation(Degradation other) {
    return new Incident(
        id,
        job,
        phase,
        interval,
        openedInterval,
        onsetInterval,
        at,
        epoch,
        risks,
        silent,
        now,
        expected,
        other);
  }
}
