package io.foresplit.bench.evaluate;

import io.foresplit.bench.measure.Act;
import io.foresplit.bench.measure.Alarm;
import io.foresplit.bench.measure.Run;
import io.foresplit.bench.measure.Run.Span;
import io.foresplit.bench.measure.Truth;
import io.foresplit.bench.scenario.Scenario;
import io.foresplit.bench.scenario.ScenarioFile;
import io.foresplit.contract.ActionId;
import io.foresplit.contract.JobId;
import io.foresplit.contract.SplitTopology;
import io.foresplit.contract.TrainingRuntime.State;
import io.foresplit.runtime.sim.Disturbance;
import io.foresplit.runtime.sim.Restoring;
import io.foresplit.runtime.sim.SimulatedInterval;
import io.foresplit.runtime.sim.SimulatedRuntime;
import io.foresplit.runtime.sim.SimulatedSite;
import io.foresplit.runtime.sim.Simulation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Runs one scenario in virtual time under each strategy, the same world each time. When objectives
 * are breached without anybody is measured, not assumed. Thread-safe.
 */
public final class ScenarioRunner implements Evaluation.Runner {
  /** A fault may breach an objective for the first time so long after its end. */
  private static final int GRACE_INTERVALS = 10;

  private final Stages stages;
  private final @Nullable Path telemetry;

  public ScenarioRunner(Stages stages) {
    this(stages, null);
  }

  /**
   * A runner that also writes what nodes report.
   *
   * @param telemetry folder of the files, one a scenario; null for none
   */
  public ScenarioRunner(Stages stages, @Nullable Path telemetry) {
    this.stages = stages;
    this.telemetry = telemetry;
  }

  /** What became of one job. */
  private record Outcome(
      List<Alarm> alarms,
      List<Act> acts,
      List<Span> breaches,
      long usefulSteps,
      double finalLoss,
      Run.Line line) {}

  /** One run a strategy and job: by strategy in their order, then by job in the scenario's. */
  @Override
  public List<Run> run(ScenarioFile file, Set<Strategy> strategies) {
    Scenario scenario = file.scenario();
    try (Telemetry recorded =
        telemetry == null ? Telemetry.none() : Telemetry.in(telemetry, scenario)) {
      return run(file, strategies, recorded);
    }
  }

  private List<Run> run(ScenarioFile file, Set<Strategy> strategies, Telemetry recorded) {
    Scenario scenario = file.scenario();
    List<Outcome> unprotected =
        unprotected(scenario, strategies.contains(Strategy.NONE) ? recorded : Telemetry.none());
    List<Outcome> faultFree =
        scenario.hasFault() ? unprotected(scenario.faultFree(), Telemetry.none()) : unprotected;
    List<List<Truth>> truths = new ArrayList<>();
    for (int j = 0; j < scenario.jobs().size(); j++) {
      truths.add(truths(file, j, unprotected.get(j), faultFree.get(j)));
    }
    List<Run> runs = new ArrayList<>();
    for (Strategy strategy : strategies) {
      List<Outcome> outcomes =
          strategy == Strategy.NONE ? unprotected : watch(scenario, strategy, truths, recorded);
      for (int j = 0; j < outcomes.size(); j++) {
        runs.add(run(scenario, strategy, j, truths.get(j), outcomes.get(j), faultFree.get(j)));
      }
    }
    return runs;
  }

  /** When each fault breaches an objective, alone in the same world. */
  private List<Truth> truths(ScenarioFile file, int job, Outcome unprotected, Outcome faultFree) {
    Scenario scenario = file.scenario();
    List<Disturbance> faults = scenario.jobs().get(job).faults();
    List<OptionalDouble> breaches = new ArrayList<>();
    for (Disturbance fault : faults) {
      Outcome alone =
          faults.size() == 1
              ? unprotected
              : unprotected(scenario.only(job, fault), Telemetry.none()).get(job);
      breaches.add(breach(scenario.jobs().get(job), fault, alone.breaches(), faultFree.breaches()));
    }
    return file.truths(job, breaches);
  }

  /** The first breach that begins while a fault lasts, or soon after it. */
  static OptionalDouble breach(
      Scenario.Job job, Disturbance fault, List<Span> breaches, List<Span> faultFree) {
    double grace = GRACE_INTERVALS * job.spec().interval().toMillis() / 1e3;
    return breaches.stream()
        .mapToDouble(Span::from)
        .filter(from -> from >= fault.onsetSeconds() && from < fault.endSeconds() + grace)
        .filter(
            from -> faultFree.stream().noneMatch(span -> span.from() <= from && from < span.to()))
        .findFirst();
  }

  private List<Outcome> unprotected(Scenario scenario, Telemetry recorded) {
    return watch(
        scenario,
        Strategy.NONE,
        scenario.jobs().stream().map(job -> List.<Truth>of()).toList(),
        recorded);
  }

  private static Run run(
      Scenario scenario,
      Strategy strategy,
      int job,
      List<Truth> truths,
      Outcome outcome,
      Outcome faultFree) {
    var spec = scenario.jobs().get(job).spec();
    return new Run(
        scenario.id(),
        scenario.topology(),
        scenario.kind(),
        scenario.course().name().toLowerCase(Locale.ROOT),
        scenario.use().name().toLowerCase(Locale.ROOT),
        scenario.seed(),
        Run.SIMULATED,
        strategy.label(),
        spec.id().value(),
        scenario.durationSeconds(),
        spec.interval().toMillis() / 1e3,
        truths,
        outcome.alarms(),
        outcome.acts(),
        outcome.breaches(),
        faultFree.breaches(),
        outcome.usefulSteps(),
        faultFree.usefulSteps(),
        outcome.finalLoss(),
        faultFree.finalLoss(),
        outcome.line());
  }

  private List<Outcome> watch(
      Scenario scenario, Strategy strategy, List<List<Truth>> truths, Telemetry recorded) {
    UnaryOperator<Simulation> with =
        simulation ->
            strategy.restores() ? simulation.withRestoring(Restoring.usual()) : simulation;
    List<Simulation> simulations =
        scenario.jobs().stream()
            .map(job -> with.apply(job.simulation(scenario.worldSeed())))
            .toList();
    SimulatedSite site = new SimulatedSite(simulations);
    List<Watched> watched = new ArrayList<>();
    for (int j = 0; j < simulations.size(); j++) {
      Simulation simulation = simulations.get(j);
      CareContext context =
          new CareContext(
              scenario,
              scenario.jobs().get(j),
              simulation,
              site.runtime(simulation.job().id()),
              stages.planner(),
              truths.get(j));
      watched.add(new Watched(context, care(strategy, context)));
    }
    while (site.nowSeconds() < scenario.durationSeconds()) {
      Map<JobId, SimulatedInterval> intervals = site.nextInterval();
      for (Watched one : watched) {
        JobId job = one.context.job().id();
        SimulatedInterval interval = Objects.requireNonNull(intervals.get(job));
        recorded.onInterval(strategy, job, interval);
        one.onInterval(interval);
      }
    }
    return watched.stream().map(Watched::outcome).toList();
  }

  private Care care(Strategy strategy, CareContext context) {
    return switch (strategy) {
      case NONE -> new NoCare();
      case REACTIVE -> new ThresholdCare(context, false);
      case PROACTIVE -> new ServiceCare(stages, context);
      case RANDOM -> new RandomCare(context, context.scenario().worldSeed());
      case RESTART -> new ThresholdCare(context, true);
      case ORACLE -> new OracleCare(context);
    };
  }

  /** One job, who looks after it, and what its operator has planned. */
  private static final class Watched {
    private final CareContext context;
    private final Care care;
    private final JobWatch watch;
    private final Map<Long, Double> epochs = new HashMap<>();
    private int planned;

    Watched(CareContext context, Care care) {
      this.context = context;
      this.care = care;
      watch = new JobWatch(context.simulation());
    }

    void onInterval(SimulatedInterval interval) {
      for (SplitTopology announced : interval.announced()) {
        epochs.put(announced.epoch(), context.seconds(announced.since()));
      }
      watch.onInterval(interval);
      care.onInterval(interval);
      List<Scenario.PlannedMove> moves = context.watched().plannedMoves();
      if (planned < moves.size()
          && context.seconds(interval.end()) >= moves.get(planned).atSeconds()
          && begins(moves.get(planned))) {
        planned++;
      }
    }

    /** A runtime that is busy is asked again after the next interval. */
    private boolean begins(Scenario.PlannedMove move) {
      SimulatedRuntime runtime = context.runtime();
      JobId job = context.job().id();
      try {
        SplitTopology topology = runtime.topology(job);
        if (topology.placement().equals(move.target())) {
          return true;
        }
        ActionId action = new ActionId("planned-" + planned + "-" + topology.epoch());
        State state =
            runtime
                .begin(job, action, VirtualService.TERM, topology.epoch(), move.target())
                .state();
        return state != State.REFUSED;
      } catch (IOException e) {
        throw new UncheckedIOException("the simulated runtime refused a call", e);
      }
    }

    /** What the runtime did by itself when a node died. */
    private List<Act> restores() {
      try {
        return context.runtime().progress(context.job().id(), Long.MAX_VALUE).recoveries().stream()
            .map(
                recovery ->
                    Act.restored(
                        epochs.getOrDefault(recovery.epoch(), 0.0),
                        1e3 * recovery.seconds(),
                        recovery.lost()))
            .toList();
      } catch (IOException e) {
        throw new UncheckedIOException("the simulated runtime refused a call", e);
      }
    }

    Outcome outcome() {
      watch.close();
      List<Act> acts = new ArrayList<>(care.acts());
      acts.addAll(restores());
      acts.sort(Comparator.comparingDouble(Act::atSeconds));
      return new Outcome(
          care.alarms(),
          acts,
          watch.breaches(),
          context.runtime().usefulSteps(),
          watch.finalLoss(),
          watch.line());
    }
  }
}
