package io.foresplit.contract;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * Closes one interval of a job: all its metrics came before. Stages decide on ticks alone.
 *
 * @param epoch topology epoch in force when the interval closed
 * @param end the instant at which the interval ended
 * @param silent nodes of the topology that sent no report for the interval
 */
public record IntervalTick(
    JobId jobId, long interval, long epoch, Instant end, Duration length, List<NodeId> silent)
    implements JobRecord {
  public IntervalTick {
    silent = List.copyOf(silent);
    if (length.isNegative() || length.isZero()) {
      throw new IllegalArgumentException("interval length must be positive, was " + length);
    }
  }
}
