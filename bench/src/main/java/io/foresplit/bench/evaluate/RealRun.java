package io.foresplit.bench.evaluate;

import io.foresplit.bench.measure.Act;
import io.foresplit.bench.measure.Alarm;
import io.foresplit.bench.measure.Run;
import io.foresplit.bench.measure.Truth;
import io.foresplit.bench.scenario.Scenario;
import io.foresplit.bench.scenario.ScenarioFile;
import io.foresplit.contract.Diagnosis;
import io.foresplit.contract.Incident;
import io.foresplit.contract.JournalEntry;
import io.foresplit.runtime.plan.CutPlanner;
import io.foresplit.runtime.sim.SimulatedSite;
import io.foresplit.runtime.sim.Simulation;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;

/**
 * Turns what a run on real processes left into a run that is measured like every other. The world
 * is the simulated one of the same scenario; so are the true conditions by which moves are judged.
 * Pure.
 */
public final class RealRun {
  /** Training settles for this long before its pace counts, seconds. */
  private static final double SETTLE_SECONDS = 10;

  private RealRun() {}

  /**
   * One closed interval; NaN for what was not measured.
   *
   * @param steps committed since training began, or -1
   */
  public record Interval(Instant end, double stepSeconds, double loss, long steps) {}

  /** An incident, and when the service told of it, which is later than the time it tells. */
  public record Heard(Incident incident, Instant at) {}

  /**
   * What a run of one job left, each list in the order of its topic.
   *
   * @param start of the job, zero of traces and faults
   * @param restores what the runtime brought back by itself
   * @param steps done, without those that were lost
   */
  public record Recorded(
      Instant start,
      List<Interval> intervals,
      List<Heard> incidents,
      List<Diagnosis> diagnoses,
      List<JournalEntry> journal,
      List<Act> restores,
      long steps) {
    public Recorded {
      intervals = intervals.stream().sorted(Comparator.comparing(Interval::end)).toList();
      incidents = List.copyOf(incidents);
      diagnoses = List.copyOf(diagnoses);
      journal = List.copyOf(journal);
      restores = List.copyOf(restores);
    }

    double seconds(Instant at) {
      return Duration.between(start, at).toNanos() / 1e9;
    }
  }

  /**
   * The run.
   *
   * @param truths of the scenario's only job
   * @throws ScenarioFailedException when training never had a pace, or one that is over its bound
   *     before anything is wrong
   */
  public static Run of(ScenarioFile file, Strategy strategy, List<Truth> truths, Recorded recorded)
      throws ScenarioFailedException {
    Scenario scenario = file.scenario();
    Scenario.Job job = scenario.jobs().get(0);
    double duration = scenario.durationSeconds();
    JobWatch watch = watched(scenario, recorded);
    DecisionLog decisions = decisions(scenario, truths, recorded);
    List<Act> acts = new ArrayList<>(decisions.acts());
    acts.addAll(recorded.restores());
    acts.removeIf(act -> act.atSeconds() > duration);
    acts.sort(Comparator.comparingDouble(Act::atSeconds));
    List<Alarm> alarms =
        decisions.alarms().stream().filter(alarm -> alarm.openedSeconds() <= duration).toList();
    return new Run(
        scenario.id(),
        scenario.topology(),
        scenario.kind(),
        scenario.course().name().toLowerCase(Locale.ROOT),
        scenario.use().name().toLowerCase(Locale.ROOT),
        scenario.seed(),
        Run.REAL,
        strategy.label(),
        job.spec().id().value(),
        duration,
        job.spec().interval().toMillis() / 1e3,
        truths,
        alarms,
        acts,
        watch.breaches(),
        List.of(),
        recorded.steps(),
        healthySteps(scenario, recorded, acts),
        watch.finalLoss(),
        Double.NaN,
        watch.line());
  }

  /**
   * Truths by a real run that nobody looked after: its first breach in the window of the fault is
   * the unprotected one.
   *
   * @param simulated truths by the simulated worlds, which stay where there are several faults, for
   *     of these no real run tells whose a breach is
   */
  public static List<Truth> truths(ScenarioFile file, List<Truth> simulated, Recorded unprotected) {
    Scenario scenario = file.scenario();
    Scenario.Job job = scenario.jobs().get(0);
    if (job.faults().size() != 1) {
      return simulated;
    }
    OptionalDouble breach =
        ScenarioRunner.breach(
            job, job.faults().get(0), watched(scenario, unprotected).breaches(), List.of());
    return file.truths(0, List.of(breach));
  }

  /** Intervals of which nothing was heard are ones in which nothing was done. */
  private static JobWatch watched(Scenario scenario, Recorded recorded) {
    Scenario.Job job = scenario.jobs().get(0);
    double length = job.spec().interval().toMillis() / 1e3;
    JobWatch watch = new JobWatch(job.spec(), recorded.start());
    double last = Double.NaN;
    for (Interval interval : recorded.intervals()) {
      double end = recorded.seconds(interval.end());
      if (end <= 0 || end > scenario.durationSeconds()) {
        continue;
      }
      last = silent(watch, last, end, length);
      watch.onInterval(end, interval.stepSeconds(), interval.loss());
      last = end;
    }
    double from = Double.isNaN(last) ? 0 : last;
    silent(watch, from, scenario.durationSeconds() + length, length);
    watch.close();
    return watch;
  }

  /** Fills in the intervals between two ends; returns the end of the last one. */
  private static double silent(JobWatch watch, double after, double before, double length) {
    double end = after;
    while (end + 1.5 * length < before) {
      end += length;
      watch.onInterval(end, Double.NaN, Double.NaN);
    }
    return end;
  }

  private static DecisionLog decisions(Scenario scenario, List<Truth> truths, Recorded recorded) {
    Scenario.Job job = scenario.jobs().get(0);
    Simulation simulation = job.simulation(scenario.worldSeed());
    CareContext context =
        new CareContext(
            scenario,
            job,
            simulation,
            new SimulatedSite(List.of(simulation)).runtime(job.spec().id()),
            new CutPlanner(),
            truths);
    double interval = job.spec().interval().toMillis() / 1e3;
    ToDoubleFunction<Instant> seconds = recorded::seconds;
    DecisionLog decisions =
        new DecisionLog(
            seconds,
            (at, from, to) ->
                context.move(at, from, to, context.runtime().meanConditions(at, at + interval)));
    recorded
        .incidents()
        .forEach(heard -> decisions.incident(heard.incident(), recorded.seconds(heard.at())));
    recorded.diagnoses().forEach(decisions::diagnosed);
    recorded.journal().forEach(decisions::journaled);
    return decisions;
  }

  /**
   * Steps of the same run, had it gone on at the pace that it had once it had settled and before
   * the fault or the first change of the placement, whichever came first. A simulated world's steps
   * cannot stand in for them: real steps cost more than simulated ones on a small machine.
   */
  private static long healthySteps(Scenario scenario, Recorded recorded, List<Act> acts)
      throws ScenarioFailedException {
    double until =
        Math.min(
            scenario.durationSeconds(),
            Math.min(
                scenario.jobs().get(0).faults().stream()
                    .mapToDouble(fault -> fault.onsetSeconds())
                    .min()
                    .orElse(Double.POSITIVE_INFINITY),
                acts.stream()
                    .filter(Act::changes)
                    .mapToDouble(Act::atSeconds)
                    .min()
                    .orElse(Double.POSITIVE_INFINITY)));
    List<Interval> calm =
        recorded.intervals().stream()
            .filter(interval -> interval.steps() >= 0)
            .filter(interval -> recorded.seconds(interval.end()) >= SETTLE_SECONDS)
            .filter(interval -> recorded.seconds(interval.end()) <= until)
            .toList();
    if (calm.size() < 2) {
      throw new ScenarioFailedException(
          "training had no pace between "
              + SETTLE_SECONDS
              + " s and "
              + until
              + " s, when the first thing happened to it");
    }
    requireBearable(scenario, calm);
    Interval first = calm.get(0);
    Interval last = calm.get(calm.size() - 1);
    double lastSeconds = recorded.seconds(last.end());
    double pace = (last.steps() - first.steps()) / (lastSeconds - recorded.seconds(first.end()));
    return Math.round(last.steps() + pace * (scenario.durationSeconds() - lastSeconds));
  }

  /** What is over its bound while nothing is wrong says nothing of what goes wrong then. */
  private static void requireBearable(Scenario scenario, List<Interval> calm)
      throws ScenarioFailedException {
    double bound = JobWatch.stepBound(scenario.jobs().get(0).spec());
    double[] steps =
        calm.stream()
            .mapToDouble(Interval::stepSeconds)
            .filter(step -> !Double.isNaN(step))
            .sorted()
            .toArray();
    double median = steps.length == 0 ? Double.POSITIVE_INFINITY : steps[steps.length / 2];
    if (median > bound) {
      throw new ScenarioFailedException(
          String.format(
              Locale.ROOT,
              "a step took %.2f s, over its bound of %.2f s, before anything was wrong: the"
                  + " machine is too small or too busy",
              median,
              bound));
    }
  }
}
