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
    Conditions expected) {
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
}
