package io.foresplit.runtime.sim;

import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Compression;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.Placement;
import io.foresplit.contract.jobfile.JobFile;
import io.foresplit.runtime.fault.FaultSchedule;
import io.foresplit.runtime.link.GeneratedTrace;
import io.foresplit.runtime.link.LinkCompressions;
import io.foresplit.runtime.link.LinkTraces;
import io.foresplit.runtime.link.RateTrace;
import io.foresplit.runtime.tensor.Optimiser;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What is simulated.
 *
 * @param initial placement at epoch 0
 * @param seed of all noise
 * @param start when training begins: the zero of traces, faults and disturbances
 * @param traces of links by id; one without a trace keeps what is declared
 * @param compression of links at the start, by the direction away from the data owner
 * @param faults what the real nodes can be given too
 * @param disturbances what else happens, any number at once
 * @param restoring how training outlives a node; without it, steps wait for one that is away
 */
public record Simulation(
    JobSpec job,
    Placement initial,
    Optimiser optimiser,
    long seed,
    Instant start,
    Map<ComponentId, RateTrace> traces,
    Map<ComponentId, Compression> compression,
    FaultSchedule faults,
    List<Disturbance> disturbances,
    Machine machine,
    Optional<Restoring> restoring) {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  public Simulation {
    traces = Collections.unmodifiableMap(new TreeMap<>(traces));
    compression = new LinkCompressions(0, compression).checked(job).links();
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
        Map.of(),
        FaultSchedule.none(),
        List.of(),
        Machine.usual(),
        Optional.empty());
  }

  /**
   * A job as its file declares it: links with their traces, jitter, loss and compression, those
   * without as declared; else, the optimiser too, as {@link #of(JobSpec, Placement, long)}.
   *
   * @param folder that names of trace files start from
   * @throws IOException when a trace cannot be read; the message says which
   * @throws IllegalArgumentException when a file is no trace, with file, line and reason
   */
  public static Simulation of(JobFile file, Path folder, Placement initial, long seed)
      throws IOException {
    return of(file.job(), initial, seed)
        .withTraces(LinkTraces.of(file, folder, seed))
        .withCompression(file.compressions());
  }

  public Simulation withOptimiser(Optimiser other) {
    return new Simulation(
        job,
        initial,
        other,
        seed,
        start,
        traces,
        compression,
        faults,
        disturbances,
        machine,
        restoring);
  }

  public Simulation withStart(Instant other) {
    return new Simulation(
        job,
        initial,
        optimiser,
        seed,
        other,
        traces,
        compression,
        faults,
        disturbances,
        machine,
        restoring);
  }

  public Simulation withTraces(Map<ComponentId, RateTrace> others) {
    return new Simulation(
        job,
        initial,
        optimiser,
        seed,
        start,
        others,
        compression,
        faults,
        disturbances,
        machine,
        restoring);
  }

  public Simulation withCompression(Map<ComponentId, Compression> links) {
    return new Simulation(
        job,
        initial,
        optimiser,
        seed,
        start,
        traces,
        links,
        faults,
        disturbances,
        machine,
        restoring);
  }

  public Simulation withFaults(FaultSchedule others) {
    return new Simulation(
        job,
        initial,
        optimiser,
        seed,
        start,
        traces,
        compression,
        others,
        disturbances,
        machine,
        restoring);
  }

  public Simulation withDisturbances(Disturbance... others) {
    return new Simulation(
        job,
        initial,
        optimiser,
        seed,
        start,
        traces,
        compression,
        faults,
        List.of(others),
        machine,
        restoring);
  }

  public Simulation withMachine(Machine other) {
    return new Simulation(
        job,
        initial,
        optimiser,
        seed,
        start,
        traces,
        compression,
        faults,
        disturbances,
        other,
        restoring);
  }

  /** Training goes on without a node that is away. */
  public Simulation withRestoring(Restoring other) {
    return new Simulation(
        job,
        initial,
        optimiser,
        seed,
        start,
        traces,
        compression,
        faults,
        disturbances,
        machine,
        Optional.of(other));
  }
}
