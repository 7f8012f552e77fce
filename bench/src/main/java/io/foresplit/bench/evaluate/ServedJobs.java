package io.foresplit.bench.evaluate;

import io.foresplit.bench.scenario.Scenario;
import io.foresplit.runtime.sim.Restoring;
import io.foresplit.runtime.sim.SimulatedSite;
import io.foresplit.runtime.sim.Simulation;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Lets the service look after the jobs of scenarios in virtual time while somebody looks on. The
 * service sees nothing of the truth. Moves that a scenario plans are not made. Stateless.
 */
public final class ServedJobs {
  private ServedJobs() {}

  /**
   * A job of a scenario.
   *
   * @param start when training begins
   */
  public record Served(Scenario scenario, Scenario.Job job, Instant start) {
    /** Seconds since the start. */
    public double seconds(Instant at) {
      return (at.toEpochMilli() - start.toEpochMilli()) / 1e3;
    }
  }

  /** Looks on at one job. Not thread-safe. */
  public interface Onlooker<T> extends VirtualService.Listener {
    /** What looks after the job. */
    default Stages stages() {
      return Stages.ofService();
    }

    /** What was seen, in order. */
    List<T> seen();
  }

  /** What is seen of scenarios, in their order, worked on by all processors. */
  public static <T> List<T> watch(
      List<Scenario> scenarios, Function<Served, Onlooker<T>> onlookers) {
    return scenarios.parallelStream()
        .map(scenario -> watch(scenario, onlookers))
        .collect(Collectors.toList())
        .stream()
        .flatMap(List::stream)
        .toList();
  }

  private static <T> List<T> watch(Scenario scenario, Function<Served, Onlooker<T>> onlookers) {
    List<Simulation> simulations =
        scenario.jobs().stream()
            .map(job -> job.simulation(scenario.worldSeed()).withRestoring(Restoring.usual()))
            .toList();
    SimulatedSite site = new SimulatedSite(simulations);
    List<Onlooker<T>> looking = new ArrayList<>();
    List<VirtualService> services = new ArrayList<>();
    for (int j = 0; j < simulations.size(); j++) {
      Scenario.Job job = scenario.jobs().get(j);
      Instant start = simulations.get(j).start();
      Onlooker<T> onlooker = onlookers.apply(new Served(scenario, job, start));
      looking.add(onlooker);
      services.add(
          new VirtualService(
              onlooker.stages(), job.spec().id(), start, site.runtime(job.spec().id()), onlooker));
    }
    while (site.nowSeconds() < scenario.durationSeconds()) {
      var intervals = site.nextInterval();
      for (int j = 0; j < services.size(); j++) {
        services
            .get(j)
            .onInterval(Objects.requireNonNull(intervals.get(scenario.jobs().get(j).spec().id())));
      }
    }
    return looking.stream().flatMap(onlooker -> onlooker.seen().stream()).toList();
  }
}
