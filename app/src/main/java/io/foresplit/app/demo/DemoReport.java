package io.foresplit.app.demo;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What {@code --report} writes. Times are seconds since training began, throughput is in steps/s; a
 * null says that it never happened.
 *
 * @param problems why the run does not count as passed; empty when it does
 */
@JsonInclude(JsonInclude.Include.ALWAYS)
record DemoReport(
    long seed,
    String dataset,
    Fault fault,
    ObjectiveSeen objective,
    Unprotected unprotected,
    Alarm alarm,
    DiagnosisSeen diagnosis,
    Action action,
    Training training,
    Throughput throughput,
    int incidents,
    boolean passed,
    List<String> problems) {
  /** The injected fault; component and time are null for {@code none}. */
  record Fault(
      String kind,
      @Nullable String component,
      @Nullable Double injectedAt,
      double rampSeconds,
      double size) {}

  /** The objective the fault aims at, and when this run breached it. */
  record ObjectiveSeen(String metric, double threshold, @Nullable Double breachedAt) {}

  /**
   * When the objective is breached without protection.
   *
   * @param source {@code same-seed run}, {@code simulation}, or {@code this run} when nothing was
   *     moved in it
   */
  record Unprotected(@Nullable Double breachedAt, String source) {}

  /**
   * The first incident.
   *
   * @param leadSeconds from the alarm to the unprotected breach
   */
  record Alarm(@Nullable Double at, @Nullable Double leadSeconds) {}

  /** The first diagnosis of the first incident. */
  record DiagnosisSeen(
      @Nullable String cause,
      @Nullable String component,
      @Nullable String reasoner,
      @Nullable Double probability,
      @Nullable String explanation) {}

  /**
   * What was done.
   *
   * @param kind {@code none}, {@code move-layers} or {@code notify-operator}
   * @param pauseMillis of all moves together
   * @param moves committed moves
   */
  record Action(
      String kind,
      @Nullable Long pauseMillis,
      int moves,
      @Nullable String from,
      @Nullable String to,
      @Nullable String result) {}

  /**
   * Training as the coordinator and its steps tell it.
   *
   * @param stepsLost steps that were not committed exactly once and in order
   */
  record Training(
      long steps,
      long stepsLost,
      double firstStepSeconds,
      @Nullable Double lossBeforeMove,
      @Nullable Double lossAfterMove,
      @Nullable Double finalLoss) {}

  /**
   * Steps per second.
   *
   * @param before the healthy phase
   * @param during the slowest 5 s between the injection and the end of the last action
   * @param after from the end of ramp and last action to the end of the run
   * @param attainable the best placement under the full fault, by the planner, with the overhead a
   *     step of this run had in its healthy phase
   */
  record Throughput(
      @Nullable Double before,
      @Nullable Double during,
      @Nullable Double after,
      @Nullable Double attainable) {}
}
