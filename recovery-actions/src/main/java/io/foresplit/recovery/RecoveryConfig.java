package io.foresplit.recovery;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * What recovery may do and when.
 *
 * @param controller name under which leases are taken, for people who read the journal
 * @param resumeWithin an intent that the runtime never accepted is tried again until it is this old
 * @param maxLag ticks that ended longer ago than this only update what is known: nothing is decided
 *     from a backlog
 */
public record RecoveryConfig(
    String controller,
    Planning planning,
    Limits limits,
    Verification verification,
    Duration resumeWithin,
    Duration maxLag) {
  public RecoveryConfig {
    Problems problems = new Problems();
    problems.check(!controller.isBlank(), "controller must not be blank");
    problems.positive("resumeWithin", resumeWithin);
    problems.positive("maxLag", maxLag);
    problems.report("recovery");
  }

  public static RecoveryConfig defaults() {
    return new RecoveryConfig(
        "foresplit",
        Planning.defaults(),
        Limits.defaults(),
        Verification.defaults(),
        Duration.ofSeconds(60),
        Duration.ofSeconds(10));
  }

  /**
   * When a move is worth it.
   *
   * @param minGain share of the step time under forecast conditions that a move must save
   * @param forecastWeight weight in [0, 1] of the forecast against the present when placements are
   *     ranked
   * @param paybackHorizon the pause of a move must be won back within this time
   * @param maxPresentLoss share by which a step may get slower under present conditions
   */
  public record Planning(
      double minGain, double forecastWeight, Duration paybackHorizon, double maxPresentLoss) {
    public Planning {
      Problems problems = new Problems();
      problems.share("minGain", minGain);
      problems.share("forecastWeight", forecastWeight);
      problems.positive("paybackHorizon", paybackHorizon);
      problems.share("maxPresentLoss", maxPresentLoss);
      problems.report("recovery.planning");
    }

    public static Planning defaults() {
      return new Planning(0.10, 0.5, Duration.ofSeconds(60), 0.10);
    }
  }

  /**
   * Hard limits.
   *
   * @param minProbability least probability of the top cause
   * @param coolDown least time between the end of an action and the next one of the job
   * @param maxActionsPerIncident moves, undoing not counted
   * @param maxActionsPerHour moves of a job, undoing not counted
   * @param maxDiagnosisAge a diagnosis whose incident record is older is not acted on
   */
  public record Limits(
      double minProbability,
      Duration coolDown,
      int maxActionsPerIncident,
      int maxActionsPerHour,
      Duration maxDiagnosisAge) {
    public Limits {
      Problems problems = new Problems();
      problems.share("minProbability", minProbability);
      problems.check(!coolDown.isNegative(), "coolDown must not be negative, was " + coolDown);
      problems.check(
          maxActionsPerIncident > 0,
          "maxActionsPerIncident must be positive, was " + maxActionsPerIncident);
      problems.check(
          maxActionsPerHour > 0, "maxActionsPerHour must be positive, was " + maxActionsPerHour);
      problems.positive("maxDiagnosisAge", maxDiagnosisAge);
      problems.report("recovery.limits");
    }

    public static Limits defaults() {
      return new Limits(0.5, Duration.ofSeconds(6), 4, 20, Duration.ofSeconds(30));
    }
  }

  /**
   * How it is judged whether a move helped.
   *
   * @param warmUpIntervals intervals after the move that do not count
   * @param measuredIntervals intervals with a measured step time that do
   * @param giveUpIntervals after so many intervals it is judged with what is there
   * @param minGain share by which the step time must beat what staying would give
   * @param tolerance share by which it may exceed the prediction of the plan
   */
  public record Verification(
      int warmUpIntervals,
      int measuredIntervals,
      int giveUpIntervals,
      double minGain,
      double tolerance) {
    public Verification {
      Problems problems = new Problems();
      problems.check(
          warmUpIntervals >= 0, "warmUpIntervals must not be negative, was " + warmUpIntervals);
      problems.check(
          measuredIntervals > 0, "measuredIntervals must be positive, was " + measuredIntervals);
      problems.check(
          giveUpIntervals >= warmUpIntervals + measuredIntervals,
          "giveUpIntervals must be at least warmUpIntervals + measuredIntervals, was "
              + giveUpIntervals);
      problems.check(
          giveUpIntervals < JobHistory.LENGTH,
          "giveUpIntervals must be below " + JobHistory.LENGTH + ", was " + giveUpIntervals);
      problems.share("minGain", minGain);
      problems.share("tolerance", tolerance);
      problems.report("recovery.verification");
    }

    public static Verification defaults() {
      return new Verification(6, 10, 60, 0.10, 0.25);
    }
  }

  /** Collects all problems of one record, so that they are reported at once. */
  private static final class Problems {
    private final List<String> found = new ArrayList<>();

    void check(boolean holds, String message) {
      if (!holds) {
        found.add(message);
      }
    }

    void share(String name, double value) {
      check(value >= 0 && value <= 1, name + " must be in [0, 1], was " + value);
    }

    void positive(String name, Duration value) {
      check(!value.isNegative() && !value.isZero(), name + " must be positive, was " + value);
    }

    void report(String where) {
      if (!found.isEmpty()) {
        throw new IllegalArgumentException(where + ": " + String.join("; ", found));
      }
    }
  }
}
