package io.foresplit.runtime.sim;

import io.foresplit.contract.JobId;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.NodeId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Jobs that train side by side in virtual time. Nodes of one name are one machine: what a job
 * computes there slows the others.
 *
 * <p>Derived, not measured: threads of several jobs share a core, so that compute in an interval is
 * slowed by the factor 1 + u, where u is the share of the interval before in which the threads of
 * the other jobs computed on that machine, summed over them. All else is of each job alone: links
 * between two machines, noise, faults and disturbances; what strikes a machine is to be put into
 * the simulation of each job on it.
 *
 * <p>Time passes for all jobs at once, and only in {@link #nextInterval}: commands to the runtimes
 * are {@code begin} and {@code restart}. One job is exactly its {@link SimulatedRuntime}. Not
 * thread-safe.
 */
public final class SimulatedSite {
  private final Map<JobId, SimulatedRuntime> runtimes = new LinkedHashMap<>();

  /**
   * Training of all jobs begins at once.
   *
   * @throws IllegalArgumentException when there is none, two have one name, or intervals or starts
   *     differ
   */
  public SimulatedSite(List<Simulation> simulations) {
    if (simulations.isEmpty()) {
      throw new IllegalArgumentException("a site needs at least one job");
    }
    Simulation first = simulations.get(0);
    for (Simulation simulation : simulations) {
      JobSpec job = simulation.job();
      if (!job.interval().equals(first.job().interval())
          || !simulation.start().equals(first.start())) {
        throw new IllegalArgumentException(
            "jobs of a site need the same interval and start, "
                + first.job().id()
                + " has "
                + first.job().interval()
                + " from "
                + first.start()
                + ", "
                + job.id()
                + " has "
                + job.interval()
                + " from "
                + simulation.start());
      }
      if (runtimes.containsKey(job.id())) {
        throw new IllegalArgumentException("two jobs of the site have the name " + job.id());
      }
      SimulatedRuntime runtime = new SimulatedRuntime(simulation);
      runtime.join();
      runtimes.put(job.id(), runtime);
    }
  }

  /** Lets time pass to the end of the next interval; tells of it for each job, in their order. */
  public Map<JobId, SimulatedInterval> nextInterval() {
    Map<JobId, SimulatedInterval> intervals = new LinkedHashMap<>();
    List<Map<NodeId, Double>> busy = new ArrayList<>();
    runtimes.forEach(
        (id, runtime) -> {
          intervals.put(id, runtime.pass());
          busy.add(runtime.busyShares());
        });
    int own = 0;
    for (SimulatedRuntime runtime : runtimes.values()) {
      for (NodeId node : busy.get(own).keySet()) {
        double others = 0;
        for (int other = 0; other < busy.size(); other++) {
          others += other == own ? 0 : busy.get(other).getOrDefault(node, 0.0);
        }
        runtime.share(node, 1 + others);
      }
      own++;
    }
    return Collections.unmodifiableMap(intervals);
  }

  /** Names of the jobs. */
  public List<JobId> jobs() {
    return List.copyOf(runtimes.keySet());
  }

  /** The runtime of a job. */
  public SimulatedRuntime runtime(JobId job) {
    SimulatedRuntime runtime = runtimes.get(job);
    if (runtime == null) {
      throw new IllegalArgumentException(
          "the site has jobs " + runtimes.keySet() + ", asked was '" + job + "'");
    }
    return runtime;
  }

  /** Seconds since the start of the jobs. */
  public double nowSeconds() {
    return runtimes.values().iterator().next().nowSeconds();
  }
}
