package io.foresplit.runtime.sim;

import io.foresplit.contract.ComponentId;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.Placement;
import io.foresplit.runtime.fault.FaultSchedule;
import io.foresplit.runtime.link.GeneratedTrace;
import io.foresplit.runtime.link.RateTrace;
import io.foresplit.runtime.tensor.Optimiser;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What is simulated.
 *
 * @param initial placement at epoch 0
 * @param seed of all noise
 * @param start when training begins: the zero of traces, faults and disturbances
 * @param traces of links by id; one without a trace keeps its declared rate
 * @param faults what the real nodes can be given too
 * @param disturbances what else happens, any number at once
 */
public record Simulation(
    JobSpec job,
    Placement initial,
    Optimiser optimiser,
    long seed,
    Instant start,
    Map<ComponentId, RateTrace> traces,
    FaultSchedule faults,
    List<Disturbance> disturbances,
    Machine machine) {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  public Simulation {
    traces = Collections.unmodifiableMap(new TreeMap<>(traces));
    disturbances = List.copyOf(disturbances);
    List<String> problems = new ArrayList<>(initial.violations(job));
    disturbances.forEach(
        disturbance -> {
          ComponentId struck = disturbance.component();
          String what = "a " + disturbance.kind().label() + " on " + struck;
          if (!knows(job, struck)) {
            problems.add(what + ", which the job lacks");
          } else if (!ofKind(disturbance.kind(), job, struck)) {
            problems.add(what + ", which is not what that kind strikes");
          }
        });
    if (!problems.isEmpty()) {
      throw new IllegalArgumentException(
          "job " + job.id() + " cannot be simulated: " + String.join("; ", problems));
    }
  }

  private static boolean ofKind(DisturbanceKind kind, JobSpec job, ComponentId struck) {
    boolean up = job.tier(struck.from()) < job.tier(struck.to());
    return switch (kind) {
      case UPLINK_FADE -> up;
      case DOWNLINK_FADE -> !up;
      case STRAGGLER -> struck.from().equals(job.dataOwner());
      case LATENCY_RISE,
          JITTER,
          PACKET_LOSS,
          LINK_FLAP,
          HANDOVER_GAP,
          CPU_CONTENTION,
          PERIODIC_CPU_CONTENTION,
          MEMORY_LEAK,
          NODE_CRASH,
          LABEL_DRIFT,
          FEATURE_DRIFT,
          EXPLODING_GRADIENTS,
          STALE_WEIGHTS,
          CORRUPTED_ACTIVATIONS,
          DIURNAL_LOAD,
          NOISE_BURST,
          BATCH_SIZE ->
          true;
    };
  }

  private static boolean knows(JobSpec job, ComponentId component) {
    return component.equals(ComponentId.JOB)
        || (component.isLink()
            ? job.link(component.from(), component.to()).isPresent()
            : job.node(component.from()).isPresent());
  }

  /** Links with their usual variation, momentum, an ordinary machine, and nothing happens. */
  public static Simulation of(JobSpec job, Placement initial, long seed) {
    return new Simulation(
        job,
        initial,
        new Optimiser.SgdMomentum(0.02, 0.9),
        seed,
        START,
        GeneratedTrace.forLinks(job, seed),
        FaultSchedule.none(),
        List.of(),
        Machine.usual());
  }

  public Simulation withOptimiser(Optimiser other) {
    return new Simulation(job, initial, other, seed, start, traces, faults, disturbances, machine);
  }

  public Simulation withStart(Instant other) {
    return new Simulation(
        job, initial, optimiser, seed, other, traces, faults, disturbances, machine);
  }

  public Simulation withTraces(Map<ComponentId, RateTrace> others) {
    return new Simulation(
        job, initial, optimiser, seed, start, others, faults, disturbances, machine);
  }

  public Simulation withFaults(FaultSchedule others) {
    return new Simulation(
        job, initial, optimiser, seed, start, traces, others, disturbances, machine);
  }

  public Simulation withDisturbances(Disturbance... others) {
    return new Simulation(
        job, initial, optimiser, seed, start, traces, faults, List.of(others), machine);
  }

  public Simulation withMachine(Machine other) {
    return new Simulation(
        job, initial, optimiser, seed, start, traces, faults, disturbances, other);
  }
}
