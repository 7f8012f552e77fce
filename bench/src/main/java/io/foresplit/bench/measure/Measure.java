package io.foresplit.bench.measure;

import io.foresplit.bench.measure.Judged.Verdict;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;

/**
 * What is measured of runs, a closed set. Each measure is a ratio whose numerator and denominator
 * are summed over the runs of a seed before they are divided; {@code docs/measures.md} has the same
 * table.
 */
public enum Measure {
  /** Share of alarms that are the first on a fault. */
  PRECISION(
      Unit.SHARE,
      Better.HIGHER,
      Needs.ALARMS,
      "true alarms / (true + false alarms + repeats)",
      "An alarm is true when it is the first to open in the window of a fault that would breach an"
          + " objective. Repeats count as false; alarms on faults that breach nothing do not"
          + " count."),
  /** Share of faults that some alarm told of. */
  RECALL(
      Unit.SHARE,
      Better.HIGHER,
      Needs.ALARMS,
      "faults with an alarm / faults that would breach an objective",
      "However late the alarm is. Faults that breach nothing are left out."),
  /** Share of faults that an alarm foretold. */
  WARNED_AHEAD(
      Unit.SHARE,
      Better.HIGHER,
      Needs.ALARMS,
      "faults with an alarm before the unprotected breach / faults that would breach an objective",
      "Late alarms count as misses here."),
  /** How often somebody is called for nothing. */
  FALSE_ALARMS_PER_JOB_DAY(
      Unit.PER_JOB_DAY,
      Better.LOWER,
      Needs.ALARMS,
      "(false alarms + repeats) / days watched, over all jobs",
      "The same alarms that count against precision."),
  /** How often somebody is called again. */
  REPEATS_PER_JOB_DAY(
      Unit.PER_JOB_DAY,
      Better.LOWER,
      Needs.ALARMS,
      "repeats / days watched, over all jobs",
      "Further alarms on a fault that had its alarm; they are among the false alarms, too."),
  /** How long before the breach the alarm came. */
  LEAD_SECONDS(
      Unit.SECONDS,
      Better.HIGHER,
      Needs.ALARMS,
      "mean over faults of (unprotected breach − alarm)",
      "The unprotected breach is that of the same world looked after by nobody. A missed or late"
          + " one counts as 0; alarms before the onset count from the onset."),
  /** How long objectives were missed. */
  TIME_IN_BREACH_SECONDS(
      Unit.SECONDS,
      Better.LOWER,
      Needs.NOTHING,
      "seconds in which an objective was breached / runs",
      "All runs, with and without faults; two objectives breached at once count once."),
  /** The same as a share of time. */
  TIME_IN_BREACH_SHARE(
      Unit.SHARE,
      Better.LOWER,
      Needs.NOTHING,
      "seconds in which an objective was breached / seconds watched",
      "As above."),
  /** Whether the component named first is the one struck. */
  COMPONENT_TOP1(
      Unit.SHARE,
      Better.HIGHER,
      Needs.DIAGNOSES,
      "detected faults whose component is named first / detected faults",
      "The first diagnosis of the alarm that claimed the fault; no answer is a wrong one."),
  /** Whether the cause named first is the right one. */
  CAUSE_TOP1(
      Unit.SHARE,
      Better.HIGHER,
      Needs.DIAGNOSES,
      "detected faults whose cause is named first / detected faults",
      "A fault for which the vocabulary of causes has no word stays in the denominator: no answer"
          + " to it is right."),
  /** What the vocabulary of causes allows at best. */
  CAUSE_CEILING(
      Unit.SHARE,
      Better.HIGHER,
      Needs.DIAGNOSES,
      "detected faults for whose cause there is a word / detected faults",
      "The highest cause top-1 that the vocabulary allows."),
  /** How far up the right pair is. */
  AVG_AT_5(
      Unit.SHARE,
      Better.HIGHER,
      Needs.DIAGNOSES,
      "mean over detected faults and k = 1..5 of whether component and cause are among the first k",
      "Component and cause as one pair; without a word for the cause it is 0."),
  /** Whether the way of the fault was told right. */
  PATH_RIGHT(
      Unit.SHARE,
      Better.HIGHER,
      Needs.DIAGNOSES,
      "detected faults whose propagation path is told exactly / detected faults with a known path",
      "All components in the right order; no path is a wrong one."),
  /** Whether there was an answer at all. */
  DIAGNOSED(
      Unit.SHARE,
      Better.HIGHER,
      Needs.DIAGNOSES,
      "detected faults for which a cause was named / detected faults",
      "Right or wrong."),
  /** Whether moves made sense. */
  PLAN_VALID(
      Unit.SHARE,
      Better.HIGHER,
      Needs.NOTHING,
      "valid actions / actions that change the placement",
      "Valid: breaks no rule of the job and, under the true conditions of that moment or of the"
          + " fault at its worst, makes a step no slower than staying."),
  /** Whether healthy jobs were left alone. */
  ABSTENTION(
      Unit.SHARE,
      Better.HIGHER,
      Needs.NOTHING,
      "runs without a fault that saw no alarm and no change of placement / runs without a fault",
      "Moves that the scenario itself plans are not actions."),
  /** How long objectives were missed after they would have been. */
  RECOVER_SECONDS(
      Unit.SECONDS,
      Better.LOWER,
      Needs.NOTHING,
      "mean over unprotected breaches of (objectives met for good − unprotected breach)",
      "0 when nothing is breached from then on. Looked at until the next unprotected breach or the"
          + " end of the run; what is not over then counts up to there. Breaches that the world"
          + " without the fault has as well are left out."),
  /** Whether objectives were still missed at the end. */
  UNRECOVERED(
      Unit.SHARE,
      Better.LOWER,
      Needs.NOTHING,
      "unprotected breaches after which the run ended in breach / unprotected breaches",
      "For these, the time to recover is a lower bound."),
  /** How long training stood still. */
  PAUSE_MILLIS(
      Unit.MILLIS,
      Better.LOWER,
      Needs.NOTHING,
      "milliseconds for which actions held training / runs",
      "All actions of a run together."),
  /** How long training stood still for one action. */
  PAUSE_PER_ACTION_MILLIS(
      Unit.MILLIS,
      Better.LOWER,
      Needs.NOTHING,
      "milliseconds for which actions held training / actions that change the placement",
      "What one move costs."),
  /** Work that had to be done again. */
  STEPS_LOST(
      Unit.STEPS,
      Better.LOWER,
      Needs.NOTHING,
      "training steps done again because of actions / runs",
      "All actions of a run together."),
  /** How much was trained. */
  THROUGHPUT_KEPT(
      Unit.SHARE,
      Better.HIGHER,
      Needs.NOTHING,
      "useful steps / steps of the same world without the fault, looked after by nobody",
      "Above 100 % where moves made training faster than the healthy world left alone."),
  /** What training was worth in the end. */
  FINAL_LOSS_GAP(
      Unit.NATS,
      Better.LOWER,
      Needs.NOTHING,
      "mean over runs of (final training loss − that of the same world without the fault)",
      "Stands in for the gap of final accuracy: simulated training has a loss, and no test set."
          + " Runs without a finite loss are left out, and counted below."),
  /** Runs whose loss is not a number. */
  WITHOUT_LOSS(
      Unit.SHARE,
      Better.LOWER,
      Needs.NOTHING,
      "runs without a finite final loss / runs whose world without the fault has one",
      "Training diverged, or stood still for the last tenth of the run."),
  /** How much is moved. */
  ACTIONS_PER_JOB_HOUR(
      Unit.PER_JOB_HOUR,
      Better.LOWER,
      Needs.NOTHING,
      "actions that change the placement / hours watched, over all jobs",
      "Telling the operator is not among them."),
  /** How often somebody is only told. */
  NOTICES_PER_JOB_HOUR(
      Unit.PER_JOB_HOUR,
      Better.LOWER,
      Needs.NOTHING,
      "actions that change nothing / hours watched, over all jobs",
      "Such as telling the operator."),
  /** How often things were made worse. */
  HARMFUL_ACTIONS(
      Unit.PER_JOB_HOUR,
      Better.LOWER,
      Needs.NOTHING,
      "actions that change the placement and are not valid, or were found not to help / hours"
          + " watched",
      "Found not to help: undone, or kept because it could not be undone."),
  /** How often something was moved while nothing was wrong. */
  FALSE_ACTIONS_PER_JOB_DAY(
      Unit.PER_JOB_DAY,
      Better.LOWER,
      Needs.NOTHING,
      "actions that change the placement outside the window of any fault / days watched",
      "Only worth something beside the recall of the same configuration.");

  /** What a figure is counted in. */
  public enum Unit {
    SHARE("share"),
    SECONDS("s"),
    MILLIS("ms"),
    STEPS("steps"),
    NATS("nats"),
    PER_JOB_HOUR("per job-hour"),
    PER_JOB_DAY("per job-day");

    private final String label;

    Unit(String label) {
      this.label = label;
    }

    /** Name for people and files. */
    public String label() {
      return label;
    }
  }

  /** Which of two figures is the better one. */
  public enum Better {
    HIGHER,
    LOWER
  }

  /** What a strategy must do for a measure to say anything of it. */
  private enum Needs {
    NOTHING,
    ALARMS,
    DIAGNOSES
  }

  private static final double SECONDS_PER_HOUR = 3600;
  private static final Set<String> RAISE_NOTHING = Set.of("none");
  private static final Set<String> NAME_NOTHING = Set.of("none", "reactive", "restart");
  private static final Set<String> UNHELPFUL = Set.of("UNDONE", "KEPT");

  private final Unit unit;
  private final Better better;
  private final Needs needs;
  private final String formula;
  private final String counts;

  Measure(Unit unit, Better better, Needs needs, String formula, String counts) {
    this.unit = unit;
    this.better = better;
    this.needs = needs;
    this.formula = formula;
    this.counts = counts;
  }

  /** Name in files: {@code leadSeconds}. */
  public String label() {
    StringBuilder label = new StringBuilder();
    for (String word : name().toLowerCase(Locale.ROOT).split("_", -1)) {
      label.append(
          label.isEmpty()
              ? word
              : word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1));
    }
    return label.toString();
  }

  public Unit unit() {
    return unit;
  }

  public Better better() {
    return better;
  }

  /** How it is computed. */
  public String formula() {
    return formula;
  }

  /** What counts and what does not. */
  public String counts() {
    return counts;
  }

  /** Whether it says anything of a strategy: who raises no alarm has no recall, not one of 0. */
  boolean appliesTo(String strategy) {
    return switch (needs) {
      case NOTHING -> true;
      case ALARMS -> !RAISE_NOTHING.contains(strategy);
      case DIAGNOSES -> !NAME_NOTHING.contains(strategy);
    };
  }

  /** What one run adds to it. */
  Ratio of(Judged judged) {
    Run run = judged.run();
    double hours = run.durationSeconds() / SECONDS_PER_HOUR;
    double days = hours / 24;
    long faults = judged.findings().size();
    long falseAlarms = judged.count(Verdict.FALSE) + judged.count(Verdict.REPEAT);
    return switch (this) {
      case PRECISION ->
          new Ratio(judged.count(Verdict.TRUE), judged.count(Verdict.TRUE) + falseAlarms);
      case RECALL -> new Ratio(count(judged, Finding::isDetected), faults);
      case WARNED_AHEAD -> new Ratio(count(judged, f -> f.leadSeconds() > 0), faults);
      case FALSE_ALARMS_PER_JOB_DAY -> new Ratio(falseAlarms, days);
      case REPEATS_PER_JOB_DAY -> new Ratio(judged.count(Verdict.REPEAT), days);
      case LEAD_SECONDS ->
          new Ratio(judged.findings().stream().mapToDouble(Finding::leadSeconds).sum(), faults);
      case TIME_IN_BREACH_SECONDS -> new Ratio(breachSeconds(run), 1);
      case TIME_IN_BREACH_SHARE -> new Ratio(breachSeconds(run), run.durationSeconds());
      case COMPONENT_TOP1 -> ofDetected(judged, Finding::componentIsRight);
      case CAUSE_TOP1 -> ofDetected(judged, Finding::causeIsRight);
      case CAUSE_CEILING -> ofDetected(judged, finding -> finding.truth().cause() != null);
      case AVG_AT_5 ->
          new Ratio(
              judged.findings().stream().mapToDouble(Finding::avgAt5).sum(),
              count(judged, Finding::isDetected));
      case PATH_RIGHT -> {
        Predicate<Finding> told = f -> f.isDetected() && !f.truth().path().isEmpty();
        yield new Ratio(count(judged, told.and(Finding::pathIsRight)), count(judged, told));
      }
      case DIAGNOSED -> ofDetected(judged, finding -> finding.first().isPresent());
      case PLAN_VALID ->
          new Ratio(judged.changes().stream().filter(Act::valid).count(), judged.changes().size());
      case ABSTENTION ->
          run.hasFault()
              ? Ratio.NOTHING
              : new Ratio(run.alarms().isEmpty() && judged.changes().isEmpty() ? 1 : 0, 1);
      case RECOVER_SECONDS -> {
        Recovery recovery = Recovery.of(judged);
        yield new Ratio(recovery.seconds(), recovery.count());
      }
      case UNRECOVERED -> {
        Recovery recovery = Recovery.of(judged);
        yield new Ratio(recovery.unfinished(), recovery.count());
      }
      case PAUSE_MILLIS -> new Ratio(pauseMillis(run), 1);
      case PAUSE_PER_ACTION_MILLIS -> new Ratio(pauseMillis(run), judged.changes().size());
      case STEPS_LOST -> new Ratio(run.acts().stream().mapToLong(Act::stepsLost).sum(), 1);
      case THROUGHPUT_KEPT -> new Ratio(run.usefulSteps(), run.faultFreeSteps());
      case FINAL_LOSS_GAP ->
          Double.isFinite(run.finalLoss()) && Double.isFinite(run.faultFreeLoss())
              ? new Ratio(run.finalLoss() - run.faultFreeLoss(), 1)
              : Ratio.NOTHING;
      case WITHOUT_LOSS ->
          Double.isFinite(run.faultFreeLoss())
              ? new Ratio(Double.isFinite(run.finalLoss()) ? 0 : 1, 1)
              : Ratio.NOTHING;
      case ACTIONS_PER_JOB_HOUR -> new Ratio(judged.changes().size(), hours);
      case NOTICES_PER_JOB_HOUR ->
          new Ratio(
              run.acts().stream().filter(act -> act.result().equals(Act.NOTIFIED)).count(), hours);
      case HARMFUL_ACTIONS ->
          new Ratio(
              judged.changes().stream()
                  .filter(act -> !act.valid() || UNHELPFUL.contains(act.result()))
                  .count(),
              hours);
      case FALSE_ACTIONS_PER_JOB_DAY ->
          new Ratio(
              judged.changes().stream().filter(act -> !judged.isFaulty(act.atSeconds())).count(),
              days);
    };
  }

  private static Ratio ofDetected(Judged judged, Predicate<Finding> right) {
    return new Ratio(
        count(judged, right.and(Finding::isDetected)), count(judged, Finding::isDetected));
  }

  private static long count(Judged judged, Predicate<Finding> which) {
    return judged.findings().stream().filter(which).count();
  }

  private static double breachSeconds(Run run) {
    return Spans.seconds(Spans.union(run.breaches(), 0, run.durationSeconds()));
  }

  private static double pauseMillis(Run run) {
    return run.acts().stream().mapToDouble(Act::pauseMillis).sum();
  }
}
