package io.foresplit.bench.scenario;

import io.foresplit.bench.measure.Judged;
import io.foresplit.bench.measure.Truth;
import io.foresplit.contract.Cause;
import io.foresplit.contract.ComponentId;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.NodeId;
import io.foresplit.runtime.sim.Disturbance;
import io.foresplit.runtime.sim.DisturbanceKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Ground truth of the faults of a job, in the words of the diagnoser. Pure.
 *
 * <p>Component, cause and path are derived from the model of a step, not observed: a step is
 * compute of each node with layers and a message over each link between them, one after the other;
 * so what strikes a link delays the node that receives from it, what strikes a node delays the node
 * with layers that waits for its output, and both delay the step, which is the job's. What strikes
 * learning reaches the loss, which is the job's too.
 */
public final class Truths {
  private Truths() {}

  /**
   * What is true of each fault of a job.
   *
   * @param durationSeconds of the run
   * @param breaches for each fault, in the order of {@code job.faults()}, when an objective is
   *     breached by it while nobody does anything, seconds since the start of the job; found by
   *     simulation
   */
  public static List<Truth> of(
      Scenario.Job job, double durationSeconds, List<OptionalDouble> breaches) {
    if (breaches.size() != job.faults().size()) {
      throw new IllegalArgumentException(
          "job "
              + job.spec().id()
              + " has "
              + job.faults().size()
              + " faults, there must be as many times of breaches, was "
              + breaches.size());
    }
    List<Truth> truths = new ArrayList<>();
    for (int i = 0; i < breaches.size(); i++) {
      truths.add(of(job, durationSeconds, job.faults().get(i), breaches.get(i)));
    }
    return List.copyOf(truths);
  }

  /** What a diagnosis ought to name. */
  public record Struck(ComponentId component, Cause cause) {}

  /** What is wrong with a job at a moment, in order of onset; each once. */
  public static List<Struck> at(Scenario.Job job, double seconds) {
    return at(job, seconds, 0);
  }

  /** The same, and what has been wrong just before, of which an alarm may still tell. */
  public static List<Struck> around(Scenario.Job job, double seconds) {
    return at(job, seconds, Judged.GRACE_INTERVALS);
  }

  private static List<Struck> at(Scenario.Job job, double seconds, int graceIntervals) {
    double interval = job.spec().interval().toMillis() / 1e3;
    return job.faults().stream()
        .filter(
            fault ->
                seconds >= fault.onsetSeconds() - interval
                    && seconds < fault.endSeconds() + graceIntervals * interval)
        .flatMap(fault -> struck(job.spec(), fault).stream())
        .distinct()
        .toList();
  }

  private static Optional<Struck> struck(JobSpec job, Disturbance fault) {
    return cause(job, fault).map(cause -> new Struck(component(job, fault), cause));
  }

  private static Truth of(
      Scenario.Job job, double durationSeconds, Disturbance fault, OptionalDouble breach) {
    ComponentId component = component(job.spec(), fault);
    return new Truth(
        fault.kind().label(),
        component.value(),
        cause(job.spec(), fault).map(Cause::label).orElse(null),
        fault.onsetSeconds(),
        Math.min(durationSeconds, fault.endSeconds()),
        breach.isPresent() ? Double.valueOf(breach.getAsDouble()) : null,
        path(job, fault, component).stream().map(ComponentId::value).toList());
  }

  /** Drift is at the data owner, divergence at the job, see {@link Cause}. */
  private static ComponentId component(JobSpec job, Disturbance fault) {
    DisturbanceKind kind = fault.kind();
    if (kind == DisturbanceKind.LABEL_DRIFT || kind == DisturbanceKind.FEATURE_DRIFT) {
      return ComponentId.of(job.dataOwner());
    }
    return kind == DisturbanceKind.EXPLODING_GRADIENTS ? ComponentId.JOB : fault.component();
  }

  /** What a diagnosis ought to name; empty where its vocabulary has no word for it. */
  static Optional<Cause> cause(JobSpec job, Disturbance fault) {
    return switch (fault.kind()) {
      case UPLINK_FADE -> Optional.of(Cause.UPLINK_FADE);
      case DOWNLINK_FADE -> Optional.of(Cause.DOWNLINK_FADE);
      case LATENCY_RISE, JITTER -> Optional.of(Cause.LATENCY_RISE);
      case PACKET_LOSS, LINK_FLAP, HANDOVER_GAP ->
          Optional.of(isUplink(job, fault.component()) ? Cause.UPLINK_FADE : Cause.DOWNLINK_FADE);
      case CPU_CONTENTION, PERIODIC_CPU_CONTENTION, STRAGGLER -> Optional.of(Cause.NODE_SLOWDOWN);
      case MEMORY_LEAK, NODE_CRASH -> Optional.of(Cause.NODE_LOSS);
      case LABEL_DRIFT -> Optional.of(Cause.LABEL_DRIFT);
      case FEATURE_DRIFT -> Optional.of(Cause.FEATURE_DRIFT);
      case EXPLODING_GRADIENTS -> Optional.of(Cause.EXPLODING_GRADIENTS);
      case STALE_WEIGHTS -> Optional.of(Cause.STALE_WEIGHTS);
      case CORRUPTED_ACTIVATIONS -> Optional.of(Cause.CORRUPTED_ACTIVATIONS);
      case DIURNAL_LOAD, NOISE_BURST, BATCH_SIZE -> Optional.empty();
    };
  }

  static boolean isUplink(JobSpec job, ComponentId link) {
    return job.tier(link.from()) < job.tier(link.to());
  }

  private static List<ComponentId> path(
      Scenario.Job job, Disturbance fault, ComponentId component) {
    List<ComponentId> path = new ArrayList<>(List.of(component));
    switch (fault.kind()) {
      case UPLINK_FADE, DOWNLINK_FADE, LATENCY_RISE, JITTER, PACKET_LOSS, LINK_FLAP, HANDOVER_GAP ->
          path.add(ComponentId.of(component.to()));
      case CPU_CONTENTION,
          PERIODIC_CPU_CONTENTION,
          MEMORY_LEAK,
          STRAGGLER,
          NODE_CRASH,
          DIURNAL_LOAD ->
          waiting(job, component.from()).map(ComponentId::of).ifPresent(path::add);
      case LABEL_DRIFT,
          FEATURE_DRIFT,
          EXPLODING_GRADIENTS,
          STALE_WEIGHTS,
          CORRUPTED_ACTIVATIONS,
          NOISE_BURST,
          BATCH_SIZE -> {
        // nothing but the job stands between what is learnt and the loss
      }
    }
    if (!component.equals(ComponentId.JOB)) {
      path.add(ComponentId.JOB);
    }
    return path;
  }

  /**
   * The node with layers that waits for the output of another: the next one down the chain, or, for
   * the last one, the one before, which waits for its gradient.
   */
  private static Optional<NodeId> waiting(Scenario.Job job, NodeId node) {
    List<NodeId> holders = job.initial().nodeOfLayer().stream().distinct().toList();
    int tier = job.spec().tier(node);
    return holders.stream()
        .filter(holder -> job.spec().tier(holder) > tier)
        .findFirst()
        .or(
            () ->
                holders.stream()
                    .filter(holder -> job.spec().tier(holder) < tier)
                    .reduce((first, second) -> second));
  }
}
