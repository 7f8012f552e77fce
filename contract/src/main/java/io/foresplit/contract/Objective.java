package io.foresplit.contract;

import java.time.Duration;

/**
 * An upper bound on a metric of the job. It is breached when the metric stays above the bound for
 * the duration. It arms once the metric has been within the bound for the duration, so that a loss
 * that has still to fall is not an incident.
 */
public record Objective(
    ObjectiveId id, Metric metric, double bound, Duration duration, Severity severity) {
  public Objective {
    if (!metric.accepts(bound) || bound <= 0) {
      throw new IllegalArgumentException(
          "bound of objective "
              + id
              + " must be positive and in "
              + metric.range()
              + ", was "
              + bound);
    }
    if (duration.isNegative()) {
      throw new IllegalArgumentException("duration must not be negative, was " + duration);
    }
  }
}
