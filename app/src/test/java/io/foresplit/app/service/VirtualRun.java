package io.foresplit.app.service;

import io.foresplit.bench.evaluate.Stages;
import io.foresplit.bench.evaluate.VirtualService;
import io.foresplit.contract.ActionId;
import io.foresplit.contract.Diagnosis;
import io.foresplit.contract.Incident;
import io.foresplit.contract.IntervalTick;
import io.foresplit.contract.JobRecord;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.JournalEntry;
import io.foresplit.contract.NodeSpec;
import io.foresplit.contract.Placement;
import io.foresplit.contract.SplitTopology;
import io.foresplit.contract.TrainingRuntime.MoveResult;
import io.foresplit.contract.jobfile.JobFile;
import io.foresplit.contract.jobfile.JobFileException;
import io.foresplit.runtime.sim.Disturbance;
import io.foresplit.runtime.sim.SimulatedRuntime;
import io.foresplit.runtime.sim.Simulation;
import io.foresplit.runtime.tensor.ModelDefinition;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A job in virtual time: its log, interval by interval, what the service decided on each, and what
 * the runtime answered.
 *
 * @param answers how each action ended, by its id
 */
record VirtualRun(JobSpec job, List<Interval> intervals, Map<ActionId, MoveResult> answers) {
  /**
   * The records of an interval and what is decided before the next one begins, each in order.
   * Leases are left out: they tell of the life of a process.
   */
  record Interval(
      List<JobRecord> log,
      List<Incident> incidents,
      List<Diagnosis> diagnoses,
      List<JournalEntry> journal) {
    Interval() {
      this(new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    }

    private boolean isClosed() {
      return !log.isEmpty() && log.get(log.size() - 1) instanceof IntervalTick;
    }
  }

  /** Runs a job from a job file, cut into three, for so many intervals. */
  static VirtualRun of(
      String file, Instant start, long seed, int intervals, Disturbance... disturbances)
      throws IOException, JobFileException {
    JobSpec job =
        JobFile.parse(file, "job", (model, batch) -> ModelDefinition.named(model).profile(batch))
            .job();
    Placement placement =
        Placement.ofCuts(
            job.nodes().stream().map(NodeSpec::id).toList(), job.layers().size(), List.of(1, 3));
    Simulation simulation =
        Simulation.of(job, placement, seed).withStart(start).withDisturbances(disturbances);
    SimulatedRuntime runtime = new SimulatedRuntime(simulation);
    Recorder recorder = new Recorder();
    VirtualService service =
        new VirtualService(Stages.ofService(), job.id(), start, runtime, recorder);
    for (int i = 0; i < intervals; i++) {
      service.onInterval(runtime.nextInterval());
    }
    Map<ActionId, MoveResult> answers = new LinkedHashMap<>();
    for (JournalEntry entry :
        recorder.intervals.stream().flatMap(i -> i.journal().stream()).toList()) {
      if (entry instanceof JournalEntry.Executed executed) {
        answers.put(executed.action(), runtime.status(job.id(), executed.action()).orElseThrow());
      }
    }
    return new VirtualRun(job, recorder.intervals, answers);
  }

  private static final class Recorder implements VirtualService.Listener {
    private final List<Interval> intervals = new ArrayList<>();

    private Interval last() {
      return intervals.get(intervals.size() - 1);
    }

    @Override
    public void logged(JobRecord entry) {
      if (intervals.isEmpty() || last().isClosed()) {
        intervals.add(new Interval());
      }
      last().log().add(entry);
    }

    @Override
    public void incident(Incident incident) {
      last().incidents().add(incident);
    }

    @Override
    public void diagnosed(Diagnosis diagnosis) {
      last().diagnoses().add(diagnosis);
    }

    @Override
    public void journaled(JournalEntry entry) {
      if (!(entry instanceof JournalEntry.LeaseTaken)) {
        last().journal().add(entry);
      }
    }
  }

  /** Everything of a kind, in order. */
  <T> List<T> all(Function<Interval, List<T>> kind) {
    return before(intervals.size(), kind);
  }

  /** Everything of a kind in so many intervals. */
  <T> List<T> before(int count, Function<Interval, List<T>> kind) {
    return intervals.stream().limit(count).flatMap(i -> kind.apply(i).stream()).toList();
  }

  /** The placements of the job, in order. */
  Stream<SplitTopology> placements() {
    return all(Interval::log).stream()
        .filter(SplitTopology.class::isInstance)
        .map(SplitTopology.class::cast);
  }

  /** When the last interval ends. */
  Instant end() {
    List<JobRecord> last = intervals.get(intervals.size() - 1).log();
    return ((IntervalTick) last.get(last.size() - 1)).end();
  }

  /** The first interval in which something of a kind is decided. */
  <T> int first(Function<Interval, List<T>> kind, Predicate<T> what) {
    return IntStream.range(0, intervals.size())
        .filter(i -> kind.apply(intervals.get(i)).stream().anyMatch(what))
        .findFirst()
        .orElseThrow();
  }
}
