package io.foresplit.bench.measure;

import java.util.List;

/**
 * What one strategy made of one job of a scenario: all that measures are computed from.
 *
 * @param scenario its id
 * @param topology family of its topology
 * @param kind what was tried, as in the scenario
 * @param course {@code gradual}, {@code sudden} or {@code none}
 * @param use {@code tuning} or {@code scoring}
 * @param seed the suite's pass it belongs to
 * @param runtime {@code simulated} or {@code real}
 * @param strategy label of who looked after the job
 * @param job its id
 * @param durationSeconds how long it was watched
 * @param intervalSeconds of a report
 * @param breaches spans in which an objective was breached
 * @param faultFreeBreaches the same, of the same world without the fault, looked after by nobody
 * @param usefulSteps training steps done and not lost
 * @param faultFreeSteps steps of the same world without the fault; on the real runtime those of the
 *     same run, had it gone on at its healthy pace
 * @param finalLoss mean training loss of the last tenth of the run, nats
 * @param faultFreeLoss the same of the same world without the fault; NaN where it is not known
 * @param line step times for a plot
 */
public record Run(
    String scenario,
    String topology,
    String kind,
    String course,
    String use,
    long seed,
    String runtime,
    String strategy,
    String job,
    double durationSeconds,
    double intervalSeconds,
    List<Truth> truths,
    List<Alarm> alarms,
    List<Act> acts,
    List<Span> breaches,
    List<Span> faultFreeBreaches,
    long usefulSteps,
    long faultFreeSteps,
    double finalLoss,
    double faultFreeLoss,
    Line line) {
  /** Of a run in virtual time. */
  public static final String SIMULATED = "simulated";

  /** Of a run of real processes. */
  public static final String REAL = "real";

  public Run {
    truths = List.copyOf(truths);
    alarms = List.copyOf(alarms);
    acts = List.copyOf(acts);
    breaches = List.copyOf(breaches);
    faultFreeBreaches = List.copyOf(faultFreeBreaches);
  }

  /** From one moment to another, seconds since the start of the job. */
  public record Span(double from, double to) {
    public double seconds() {
      return to - from;
    }
  }

  /**
   * Step times of a run, thinned for a plot.
   *
   * @param everySeconds between two values
   * @param stepSeconds medians; NaN where no step was done
   * @param boundSeconds of the objective, NaN without one
   */
  public record Line(double everySeconds, List<Double> stepSeconds, double boundSeconds) {
    public Line {
      stepSeconds = List.copyOf(stepSeconds);
    }
  }

  /** Whether something went wrong in it. */
  public boolean hasFault() {
    return !truths.isEmpty();
  }
}
