package io.foresplit.app.demo;

import io.foresplit.app.demo.DemoReport.Action;
import io.foresplit.app.demo.DemoReport.Alarm;
import io.foresplit.app.demo.DemoReport.DiagnosisSeen;
import io.foresplit.app.demo.DemoReport.Fault;
import io.foresplit.app.demo.DemoReport.ObjectiveSeen;
import io.foresplit.app.demo.DemoReport.Throughput;
import io.foresplit.app.demo.DemoReport.Training;
import io.foresplit.app.demo.DemoReport.Unprotected;
import io.foresplit.app.training.RunRecorder;
import io.foresplit.contract.ActionOutcome;
import io.foresplit.contract.Diagnosis;
import io.foresplit.contract.Incident;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.JournalEntry;
import io.foresplit.contract.Metric;
import io.foresplit.contract.Objective;
import io.foresplit.contract.RankedCause;
import io.foresplit.contract.RecoveryAction;
import io.foresplit.contract.RecoveryPlan;
import io.foresplit.runtime.fault.DemoScenario;
import io.foresplit.runtime.fault.FaultKind;
import io.foresplit.runtime.fault.FaultSpec;
import io.foresplit.runtime.plan.CutPlanner;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/** Compares what a run recorded with what was injected. Pure. */
final class DemoJudge {
  /** Training settles for this long before it counts as healthy. */
  private static final double SETTLE_SECONDS = 8;

  private static final double WINDOW_SECONDS = 5;
  private static final double AFTER_ATTAINABLE = 0.9;

  private final JobSpec job;
  private final DemoScenario scenario;

  DemoJudge(JobSpec job, DemoScenario scenario) {
    this.job = job;
    this.scenario = scenario;
  }

  /** What the coordinator says of the run. */
  record TrainingFacts(long steps, long stepsLost, double firstStepSeconds) {}

  /**
   * @param start instant training began, the zero of all times in the report
   */
  DemoReport judge(
      Instant start,
      long seed,
      String dataset,
      RunRecorder run,
      TrainingFacts facts,
      Optional<Double> comparedBreach,
      boolean compared) {
    FaultSpec fault = scenario.fault();
    RunTimeline timeline = new RunTimeline(run.intervals(), start);
    Objective objective = objective();
    OptionalDouble breached = timeline.breach(objective);
    List<Moved> moves = moves(run.journal(), timeline);

    Unprotected unprotected = unprotected(timeline, breached, comparedBreach, compared);
    Alarm alarm = alarm(run.incidents(), timeline, unprotected.breachedAt());
    DiagnosisSeen diagnosis = diagnosis(run);
    Action action = action(run.outcomes(), moves);
    Throughput throughput = throughput(timeline, moves);
    Training training = training(facts, timeline, moves);
    int incidents = (int) run.incidents().stream().map(Incident::id).distinct().count();

    List<String> problems = new ArrayList<>();
    if (facts.stepsLost() > 0) {
      problems.add(facts.stepsLost() + " steps were lost");
    }
    switch (fault.kind()) {
      case NONE -> {
        if (incidents > 0) {
          problems.add(incidents + " incidents were opened although nothing was injected");
        }
      }
      case LABEL_DRIFT -> {
        requireNamed(diagnosis, problems);
        if (!moves.isEmpty()) {
          problems.add("layers were moved, which does not cure label drift");
        }
      }
      case UPLINK_FADE, NODE_SLOWDOWN, CONTENTION -> {
        requireNamed(diagnosis, problems);
        requireFast(throughput, problems);
      }
    }
    boolean none = fault.kind() == FaultKind.NONE;
    return new DemoReport(
        seed,
        dataset,
        new Fault(
            fault.kind().label(),
            none ? null : fault.component().value(),
            none ? null : round(fault.onsetSeconds()),
            none ? 0 : fault.rampSeconds(),
            none ? 0 : round(fault.size())),
        new ObjectiveSeen(
            objective.metric().name().toLowerCase(java.util.Locale.ROOT).replace('_', '-'),
            objective.bound(),
            boxed(breached)),
        unprotected,
        alarm,
        diagnosis,
        action,
        training,
        throughput,
        incidents,
        problems.isEmpty(),
        problems);
  }

  private void requireNamed(DiagnosisSeen diagnosis, List<String> problems) {
    FaultKind kind = scenario.fault().kind();
    // threads that compete are seen from outside as a slow node
    String cause = (kind == FaultKind.CONTENTION ? FaultKind.NODE_SLOWDOWN : kind).label();
    String component = scenario.fault().component().value();
    if (!cause.equals(diagnosis.cause()) || !component.equals(diagnosis.component())) {
      problems.add(
          "named "
              + (diagnosis.cause() == null
                  ? "nothing"
                  : diagnosis.cause() + " on " + diagnosis.component())
              + ", injected "
              + cause
              + " on "
              + component);
    }
  }

  private static void requireFast(Throughput throughput, List<String> problems) {
    Double after = throughput.after();
    Double attainable = throughput.attainable();
    Double during = throughput.during();
    if (after == null || attainable == null || during == null) {
      problems.add("the run was too short to compare throughput");
      return;
    }
    if (after < AFTER_ATTAINABLE * attainable) {
      problems.add(
          String.format(
              java.util.Locale.ROOT,
              "throughput after is %.2f steps/s, under 90 %% of the attainable %.2f",
              after,
              attainable));
    }
    if (after <= during) {
      problems.add(
          String.format(
              java.util.Locale.ROOT,
              "throughput after is %.2f steps/s, not above %.2f during the fault",
              after,
              during));
    }
  }

  private Objective objective() {
    Metric aimed =
        scenario.fault().kind() == FaultKind.LABEL_DRIFT ? Metric.LOSS : Metric.STEP_SECONDS;
    return job.objectives().stream()
        .filter(o -> o.metric() == aimed)
        .findFirst()
        .orElseThrow(
            () -> new IllegalArgumentException("the job has no objective on " + aimed.name()));
  }

  /** When a run that nobody protects breaches the objective. */
  Optional<Double> breachOf(RunRecorder run, Instant start) {
    OptionalDouble at = new RunTimeline(run.intervals(), start).breach(objective());
    return at.isPresent() ? Optional.of(at.getAsDouble()) : Optional.empty();
  }

  private Unprotected unprotected(
      RunTimeline timeline,
      OptionalDouble breached,
      Optional<Double> comparedBreach,
      boolean compared) {
    if (compared) {
      return new Unprotected(comparedBreach.map(DemoJudge::round).orElse(null), "same-seed run");
    }
    return switch (scenario.fault().kind()) {
      case NONE, LABEL_DRIFT -> new Unprotected(boxed(breached), "this run");
      case UPLINK_FADE, NODE_SLOWDOWN, CONTENTION ->
          new Unprotected(
              boxed(scenario.unprotectedBreachSeconds(job, overheadSeconds(timeline))),
              "simulation");
    };
  }

  private static Alarm alarm(
      List<Incident> incidents, RunTimeline timeline, @Nullable Double unprotectedBreach) {
    if (incidents.isEmpty()) {
      return new Alarm(null, null);
    }
    double at = timeline.seconds(incidents.get(0).at());
    return new Alarm(round(at), unprotectedBreach == null ? null : round(unprotectedBreach - at));
  }

  private static DiagnosisSeen diagnosis(RunRecorder run) {
    Optional<Diagnosis> first = run.diagnoses().stream().filter(d -> !d.abstained()).findFirst();
    if (first.isEmpty()) {
      return new DiagnosisSeen(null, null, null, null, null);
    }
    Diagnosis diagnosis = first.get();
    RankedCause top = diagnosis.ranked().get(0);
    return new DiagnosisSeen(
        top.cause().label(),
        top.component().value(),
        diagnosis.reasoner(),
        round(top.probability()),
        diagnosis.explanation());
  }

  /** A committed move. */
  private record Moved(RecoveryPlan plan, double startedAt, double endedAt, long pauseMillis) {}

  private static List<Moved> moves(List<JournalEntry> journal, RunTimeline timeline) {
    List<Moved> moves = new ArrayList<>();
    for (JournalEntry entry : journal) {
      if (entry instanceof JournalEntry.Executed executed) {
        journal.stream()
            .flatMap(e -> intent(e).stream())
            .filter(p -> p.actionId().equals(executed.action()))
            .findFirst()
            .ifPresent(
                plan ->
                    moves.add(
                        new Moved(
                            plan,
                            timeline.seconds(executed.at()) - executed.pauseMillis() / 1000.0,
                            timeline.seconds(executed.at()),
                            executed.pauseMillis())));
      }
    }
    return moves;
  }

  private static Optional<RecoveryPlan> intent(JournalEntry entry) {
    if (entry instanceof JournalEntry.Intended intended) {
      return Optional.of(intended.plan());
    }
    if (entry instanceof JournalEntry.UndoIntended undo) {
      return Optional.of(undo.reverse());
    }
    return Optional.empty();
  }

  private static Action action(List<ActionOutcome> outcomes, List<Moved> moves) {
    if (moves.isEmpty()) {
      Optional<ActionOutcome> told = outcomes.stream().findFirst();
      return new Action(
          told.map(o -> o.plan().action().kind()).orElse("none"),
          null,
          0,
          null,
          null,
          told.map(o -> o.result().name().toLowerCase(java.util.Locale.ROOT)).orElse(null));
    }
    Moved first = moves.get(0);
    Moved last = moves.get(moves.size() - 1);
    RecoveryAction.MoveLayers from = (RecoveryAction.MoveLayers) first.plan().action();
    RecoveryAction.MoveLayers to = (RecoveryAction.MoveLayers) last.plan().action();
    String result =
        outcomes.stream()
            .filter(o -> o.plan().actionId().equals(last.plan().actionId()))
            .map(o -> o.result().name().toLowerCase(java.util.Locale.ROOT))
            .findFirst()
            .orElse("verifying");
    return new Action(
        last.plan().action().kind(),
        moves.stream().mapToLong(Moved::pauseMillis).sum(),
        moves.size(),
        from.from().describe(),
        to.to().describe(),
        result);
  }

  private Throughput throughput(RunTimeline timeline, List<Moved> moves) {
    FaultSpec fault = scenario.fault();
    double end = timeline.end();
    boolean none = fault.kind() == FaultKind.NONE;
    double onset = none ? end : fault.onsetSeconds();
    OptionalDouble before = timeline.rate(SETTLE_SECONDS, onset);
    if (none) {
      return new Throughput(boxed(before), null, null, null);
    }
    double full = fault.onsetSeconds() + fault.rampSeconds();
    double acted = moves.isEmpty() ? full : moves.get(moves.size() - 1).endedAt();
    OptionalDouble during = OptionalDouble.empty();
    for (double t = onset; t + WINDOW_SECONDS <= Math.max(acted, onset + WINDOW_SECONDS); t += .5) {
      OptionalDouble window = timeline.rate(t, t + WINDOW_SECONDS);
      if (window.isPresent() && (during.isEmpty() || window.getAsDouble() < during.getAsDouble())) {
        during = window;
      }
    }
    OptionalDouble after = timeline.rate(Math.max(full, acted) + 2, end);
    double attainable = 1 / scenario.attainableStepSeconds(job, overheadSeconds(timeline));
    return new Throughput(boxed(before), boxed(during), boxed(after), round(attainable));
  }

  /** What a healthy step of this run costs beyond the planner's prediction. */
  private double overheadSeconds(RunTimeline timeline) {
    double onset =
        scenario.fault().kind() == FaultKind.NONE
            ? Double.POSITIVE_INFINITY
            : scenario.fault().onsetSeconds();
    OptionalDouble healthy = timeline.rate(SETTLE_SECONDS, onset);
    if (healthy.isEmpty() || healthy.getAsDouble() <= 0) {
      return 0;
    }
    double predicted = new CutPlanner().predict(job, scenario.initial(), job.declaredConditions());
    return Math.max(0, 1 / healthy.getAsDouble() - predicted);
  }

  private static Training training(TrainingFacts facts, RunTimeline timeline, List<Moved> moves) {
    Double before = null;
    Double after = null;
    if (!moves.isEmpty()) {
      double at = moves.get(0).endedAt();
      before = boxed(timeline.meanLoss(at - 5, at));
      after = boxed(timeline.meanLoss(at, at + 5));
    }
    double end = timeline.end();
    return new Training(
        facts.steps(),
        facts.stepsLost(),
        round(facts.firstStepSeconds()),
        before,
        after,
        boxed(timeline.meanLoss(end - 5, end)));
  }

  private static @Nullable Double boxed(OptionalDouble value) {
    return value.isPresent() ? round(value.getAsDouble()) : null;
  }

  private static double round(double value) {
    return Math.round(value * 1000) / 1000.0;
  }
}
