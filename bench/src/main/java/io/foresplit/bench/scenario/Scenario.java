package io.foresplit.bench.scenario;

import io.foresplit.contract.ComponentId;
import io.foresplit.contract.JobId;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.Placement;
import io.foresplit.runtime.link.RateTrace;
import io.foresplit.runtime.sim.Disturbance;
import io.foresplit.runtime.sim.Machine;
import io.foresplit.runtime.sim.Simulation;
import io.foresplit.runtime.tensor.Optimiser;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * One world in which jobs train: who trains where, how links vary, what strikes, and what is merely
 * hard about it. Concrete: the same scenario is the same world, whatever a strategy does in it.
 *
 * @param id unique within a suite and seed, such as {@code chain-4/uplink-fade/gradual}
 * @param topology family of the topology, such as {@code chain-4}
 * @param kind what is being tried, for tables: label of the fault, {@code two-faults}, or {@code
 *     normal:} and the label of what is hard about it
 * @param course how the fault comes, for tables
 * @param use whether the product may be tuned on it
 * @param seed of the suite's pass it belongs to
 * @param durationSeconds virtual time
 * @param jobs that train in it; nodes of the same name are one machine
 */
public record Scenario(
    String id,
    String topology,
    String kind,
    Course course,
    Use use,
    long seed,
    double durationSeconds,
    List<Job> jobs) {

  /** What a scenario may be used for. */
  public enum Use {
    /** Defaults of the product were, and may be, chosen by it. */
    TUNING,
    /** Nothing was chosen by it: other topologies, models, shapes of ramps and noise. */
    SCORING
  }

  /** How a fault comes. */
  public enum Course {
    /** Over a ramp. */
    GRADUAL,
    /** At once. */
    SUDDEN,
    /** There is none. */
    NONE
  }

  /**
   * A job of a scenario.
   *
   * @param traces of links by id
   * @param faults what goes wrong with it, in order of onset; its ground truth
   * @param normal what is hard, but healthy: nothing ought to be done about it
   * @param plannedMoves moves that an operator has planned, in order of time
   */
  public record Job(
      JobSpec spec,
      Placement initial,
      Optimiser optimiser,
      Map<ComponentId, RateTrace> traces,
      Machine machine,
      List<Disturbance> faults,
      List<Disturbance> normal,
      List<PlannedMove> plannedMoves) {
    public Job {
      traces = Collections.unmodifiableMap(new TreeMap<>(traces));
      faults =
          faults.stream().sorted(Comparator.comparingDouble(Disturbance::onsetSeconds)).toList();
      normal = List.copyOf(normal);
      plannedMoves = List.copyOf(plannedMoves);
    }

    Job with(List<Disturbance> others) {
      return new Job(spec, initial, optimiser, traces, machine, others, normal, plannedMoves);
    }

    /** The job in virtual time. */
    public Simulation simulation(long seed) {
      List<Disturbance> all = new ArrayList<>(faults);
      all.addAll(normal);
      return Simulation.of(spec, initial, seed)
          .withOptimiser(optimiser)
          .withTraces(traces)
          .withMachine(machine)
          .withDisturbances(all.toArray(Disturbance[]::new));
    }
  }

  /** A move that somebody else makes. */
  public record PlannedMove(double atSeconds, Placement target) {}

  public Scenario {
    jobs = List.copyOf(jobs);
    if (jobs.isEmpty()) {
      throw new IllegalArgumentException("scenario " + id + " must have a job");
    }
    if (!(durationSeconds > 0 && durationSeconds < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "scenario " + id + ": duration must be positive and finite, was " + durationSeconds);
    }
    Set<JobId> ids = new HashSet<>();
    for (Job job : jobs) {
      if (!job.spec().interval().equals(jobs.get(0).spec().interval())) {
        throw new IllegalArgumentException(
            "scenario "
                + id
                + ": all jobs must have one report interval, was "
                + jobs.get(0).spec().interval()
                + " and "
                + job.spec().interval());
      }
      if (!ids.add(job.spec().id())) {
        throw new IllegalArgumentException(
            "scenario " + id + ": job " + job.spec().id() + " must be there once");
      }
    }
  }

  /** The same world without anything wrong in it; what is hard stays. */
  public Scenario faultFree() {
    return with(jobs.stream().map(job -> job.with(List.of())).toList());
  }

  private Scenario with(List<Job> others) {
    return new Scenario(id, topology, kind, course, use, seed, durationSeconds, others);
  }

  /**
   * Seed of all noise in it: of seed and id, so that two scenarios of a pass are not noisy in the
   * same way.
   */
  public long worldSeed() {
    return worldSeed(seed, id);
  }

  static long worldSeed(long seed, String id) {
    return new SplittableRandom(seed * 1_000_003 + id.hashCode()).nextLong();
  }

  /**
   * The same world with one fault of one job alone; where it strikes other jobs at the same moment,
   * as a fault of a shared machine does, it does so still.
   */
  public Scenario only(int job, Disturbance fault) {
    List<Job> struck = new ArrayList<>();
    for (int j = 0; j < jobs.size(); j++) {
      boolean isIt = j == job;
      struck.add(
          jobs.get(j)
              .with(
                  jobs.get(j).faults().stream()
                      .filter(one -> isIt ? one.equals(fault) : isSame(one, fault))
                      .toList()));
    }
    return with(struck);
  }

  private static boolean isSame(Disturbance one, Disturbance other) {
    return one.kind() == other.kind()
        && one.component().equals(other.component())
        && one.onsetSeconds() == other.onsetSeconds();
  }

  /** Whether something goes wrong in it. */
  public boolean hasFault() {
    return jobs.stream().anyMatch(job -> !job.faults().isEmpty());
  }
}
