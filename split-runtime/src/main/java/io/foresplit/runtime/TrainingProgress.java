package io.foresplit.runtime;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * How far training is.
 *
 * @param steps steps done since training began
 * @param epoch topology epoch in force
 * @param started when training began: the zero of traces and faults
 * @param firstStep when the first step was done
 * @param stepsPerSecond over the last steps; 0 before the second one
 * @param log steps from the one asked for on, oldest first; bounded
 * @param registered nodes that are there and alive
 * @param status what steps wait for, such as {@code waiting for data owner device}; empty while
 *     they go on
 * @param recoveries from deaths of nodes, the last ones, oldest first
 */
public record TrainingProgress(
    long steps,
    long epoch,
    Optional<Instant> started,
    Optional<Instant> firstStep,
    double stepsPerSecond,
    List<Step> log,
    List<String> registered,
    String status,
    List<Recovery> recoveries) {
  public TrainingProgress {
    log = List.copyOf(log);
    registered = List.copyOf(registered);
    recoveries = List.copyOf(recoveries);
  }

  /**
   * One recovery.
   *
   * @param epoch that it put in force
   * @param step the recovery point: the first step that was done again
   * @param lost steps that had been done and were done again
   * @param silentSeconds since the dead node was last heard of, until it was found dead
   * @param seconds since then, until steps went on
   */
  public record Recovery(long epoch, long step, long lost, double silentSeconds, double seconds) {}

  /**
   * One step.
   *
   * @param epoch topology epoch it was done in
   * @param loss of its mini-batch, nats
   * @param seconds from its start to the last gradient
   * @param late clients whose pass it has gone on without
   * @param modelBytes of client layers handed over before it or averaged after it
   */
  public record Step(
      long number,
      long epoch,
      double loss,
      double seconds,
      Instant finished,
      int late,
      long modelBytes) {
    /** A step of all its clients, after which no layers of clients were sent. */
    public Step(long number, long epoch, double loss, double seconds, Instant finished) {
      this(number, epoch, loss, seconds, finished, 0, 0);
    }
  }
}
