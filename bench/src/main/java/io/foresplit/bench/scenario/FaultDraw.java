package io.foresplit.bench.scenario;

import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Conditions;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.LinkCondition;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.NodeSpec;
import io.foresplit.contract.Placement;
import io.foresplit.runtime.sim.Disturbance;
import io.foresplit.runtime.sim.DisturbanceKind;
import io.foresplit.runtime.sim.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * Draws faults that hurt: where it strikes from what the initial placement uses, and a size with
 * which the step clearly breaches its bound by the step time model, and, where there is such a one,
 * the best move heals it. What the model knows nothing of has sizes with which the recorded
 * training breached, or outages longer than the objective bears. Not thread-safe.
 */
class FaultDraw {
  /** Share of the bound that a step under the full fault takes at least, if nothing is moved. */
  private static final double BREACH_SHARE = 1.3;

  /** Share of the bound that a step under the full fault takes at most after the best move. */
  private static final double HEALED_SHARE = 0.85;

  private static final int TRIES = 60;

  // of the simulated packet loss: Mathis et al., 1997
  private static final double SEGMENT_BYTES = 1460;
  private static final double MATHIS = Math.sqrt(1.5);

  private final SplittableRandom random;

  FaultDraw(SplittableRandom random) {
    this.random = random;
  }

  /** When a fault begins and ends. */
  record Timing(double onsetSeconds, double rampSeconds, double lastsSeconds, Shape shape) {}

  /**
   * A fault, and the placement in which it hurts.
   *
   * @param healed whether the best move brings the step back within its bound, by the model
   */
  record Drawn(Disturbance fault, Placement initial, boolean healed) {}

  /** Whether a kind can come over a ramp. */
  static boolean canBeGradual(DisturbanceKind kind) {
    return kind != DisturbanceKind.NODE_CRASH
        && kind != DisturbanceKind.HANDOVER_GAP
        && kind != DisturbanceKind.STALE_WEIGHTS;
  }

  /** Whether a kind can come at once. */
  static boolean canBeSudden(DisturbanceKind kind) {
    return kind != DisturbanceKind.MEMORY_LEAK;
  }

  /**
   * A fault of a kind that hurts from one of some placements.
   *
   * @param besides struck already, so that another component is to be
   * @return empty when the job has no component for which such a fault hurts
   */
  Optional<Drawn> draw(
      Topology.Member job,
      List<Placement> initials,
      DisturbanceKind kind,
      Timing timing,
      Optional<ComponentId> besides) {
    Optional<Drawn> hurting = Optional.empty();
    for (int attempt = 0; attempt < TRIES; attempt++) {
      Placement initial = initials.get(random.nextInt(initials.size()));
      List<ComponentId> struck =
          struck(job.spec(), initial, kind).stream()
              .filter(component -> !besides.equals(Optional.of(component)))
              .toList();
      if (struck.isEmpty()) {
        continue;
      }
      ComponentId component = struck.get(random.nextInt(struck.size()));
      Drawn drawn = drawn(job, initial, kind, component, timing);
      double share = untouched(job, drawn) / job.bound();
      if (drawn.healed() && share >= BREACH_SHARE) {
        return Optional.of(drawn);
      }
      if (share >= BREACH_SHARE && hurting.isEmpty()) {
        hurting = Optional.of(drawn);
      }
    }
    return hurting;
  }

  private static double untouched(Topology.Member job, Drawn drawn) {
    return full(job.spec(), drawn.fault())
        .map(conditions -> job.stepSeconds(drawn.initial(), conditions))
        .orElse(Double.POSITIVE_INFINITY);
  }

  private Drawn drawn(
      Topology.Member job,
      Placement initial,
      DisturbanceKind kind,
      ComponentId component,
      Timing timing) {
    double step = job.stepSeconds(initial);
    double away = 1 - step / (random.nextDouble(1.6, 2.4) * job.bound());
    double size = size(kind, job.bound(), away);
    double period = period(kind, size);
    double lasts = lasts(kind, timing);
    Disturbance fault =
        new Disturbance(
            kind,
            component,
            timing.onsetSeconds(),
            timing.rampSeconds(),
            Rounded.seconds(lasts),
            Rounded.of(period),
            Rounded.of(size),
            timing.shape());
    boolean healed =
        full(job.spec(), fault)
            .map(conditions -> job.bestSeconds(conditions) <= HEALED_SHARE * job.bound())
            .orElse(true);
    return new Drawn(fault, initial, healed);
  }

  /**
   * Size of a kind.
   *
   * @param bound of the step time, seconds
   * @param away share of the time for which a link is away
   */
  double size(DisturbanceKind kind, double bound, double away) {
    return switch (kind) {
      case UPLINK_FADE, DOWNLINK_FADE -> logarithmic(3, 30);
      case LATENCY_RISE, JITTER -> random.nextDouble(1, 2) * bound;
      case PACKET_LOSS -> logarithmic(0.005, 0.4);
      case LINK_FLAP -> away;
      case HANDOVER_GAP -> random.nextBoolean() ? away * 4 : random.nextDouble(40, 120);
      case CPU_CONTENTION, PERIODIC_CPU_CONTENTION, STRAGGLER -> logarithmic(2.5, 10);
      case MEMORY_LEAK -> logarithmic(1e9, 4e9);
      case NODE_CRASH -> 1;
      case LABEL_DRIFT -> random.nextDouble(0.6, 0.95);
      case FEATURE_DRIFT -> random.nextDouble(0.85, 0.95);
      case EXPLODING_GRADIENTS -> random.nextDouble(9, 15);
      case STALE_WEIGHTS -> random.nextDouble(1500, 2000);
      case CORRUPTED_ACTIVATIONS -> random.nextDouble(0.1, 0.4);
      case DIURNAL_LOAD, NOISE_BURST, BATCH_SIZE ->
          throw new IllegalArgumentException("a " + kind.label() + " is no fault");
    };
  }

  /** Seconds after which a kind of some size comes again; 0 when it does not. */
  double period(DisturbanceKind kind, double size) {
    return switch (kind) {
      case LINK_FLAP -> random.nextDouble(2, 4.5);
      case HANDOVER_GAP -> size < 10 ? 4 : 0;
      case PERIODIC_CPU_CONTENTION -> random.nextDouble(80, 160);
      case UPLINK_FADE,
          DOWNLINK_FADE,
          LATENCY_RISE,
          JITTER,
          PACKET_LOSS,
          CPU_CONTENTION,
          MEMORY_LEAK,
          STRAGGLER,
          NODE_CRASH,
          LABEL_DRIFT,
          FEATURE_DRIFT,
          EXPLODING_GRADIENTS,
          STALE_WEIGHTS,
          CORRUPTED_ACTIVATIONS,
          DIURNAL_LOAD,
          NOISE_BURST,
          BATCH_SIZE ->
          0;
    };
  }

  /** Seconds from its onset to its end. */
  double lasts(DisturbanceKind kind, Timing timing) {
    return kind.takesNodeAway()
        ? timing.rampSeconds() + random.nextDouble(120, 300)
        : timing.lastsSeconds();
  }

  private double logarithmic(double least, double most) {
    return Math.exp(random.nextDouble(Math.log(least), Math.log(most)));
  }

  /** Where a kind may strike so that a placement feels it. */
  private static List<ComponentId> struck(JobSpec job, Placement initial, DisturbanceKind kind) {
    List<NodeId> holders = initial.nodeOfLayer().stream().distinct().toList();
    int layers = initial.nodeOfLayer().size();
    int last = job.tier(holders.get(holders.size() - 1));
    List<ComponentId> up = new ArrayList<>();
    List<ComponentId> down = new ArrayList<>();
    List<NodeSpec> chain = job.nodes();
    for (int tier = 0; tier < last; tier++) {
      up.add(ComponentId.link(chain.get(tier).id(), chain.get(tier + 1).id()));
      down.add(ComponentId.link(chain.get(tier + 1).id(), chain.get(tier).id()));
    }
    List<ComponentId> nodes = holders.stream().map(ComponentId::of).toList();
    ComponentId owner = ComponentId.of(job.dataOwner());
    return switch (kind) {
      case UPLINK_FADE -> up;
      case DOWNLINK_FADE -> down;
      case LATENCY_RISE, JITTER, PACKET_LOSS, LINK_FLAP, HANDOVER_GAP -> {
        up.addAll(down);
        yield up;
      }
      case CPU_CONTENTION, PERIODIC_CPU_CONTENTION, STALE_WEIGHTS -> nodes;
      case CORRUPTED_ACTIVATIONS ->
          // what the last layers put out is the loss itself
          nodes.stream().filter(n -> initial.firstLayer(n.from()) < 0.8 * (layers - 1)).toList();
      case MEMORY_LEAK, NODE_CRASH -> nodes.stream().filter(n -> !n.equals(owner)).toList();
      case STRAGGLER, LABEL_DRIFT, FEATURE_DRIFT -> List.of(owner);
      case EXPLODING_GRADIENTS -> List.of(nodes.get(nodes.size() - 1));
      case DIURNAL_LOAD, NOISE_BURST, BATCH_SIZE -> List.of();
    };
  }

  /** Conditions under the whole fault; empty when the step time model knows nothing of it. */
  private static Optional<Conditions> full(JobSpec job, Disturbance fault) {
    Conditions declared = job.declaredConditions();
    ComponentId where = fault.component();
    double size = fault.size();
    return switch (fault.kind()) {
      case UPLINK_FADE, DOWNLINK_FADE -> {
        LinkCondition link = link(declared, where);
        yield Optional.of(
            declared.withLink(
                where, new LinkCondition(link.bytesPerSecond() / size, link.delaySeconds())));
      }
      case LATENCY_RISE, JITTER -> {
        LinkCondition link = link(declared, where);
        yield Optional.of(
            declared.withLink(
                where, new LinkCondition(link.bytesPerSecond(), link.delaySeconds() + size)));
      }
      case PACKET_LOSS -> {
        LinkCondition link = link(declared, where);
        double left = SEGMENT_BYTES / (2 * link.delaySeconds()) * MATHIS / Math.sqrt(size);
        yield Optional.of(
            declared.withLink(
                where,
                new LinkCondition(Math.min(link.bytesPerSecond(), left), link.delaySeconds())));
      }
      case CPU_CONTENTION, PERIODIC_CPU_CONTENTION, STRAGGLER ->
          Optional.of(declared.withSlowdown(where.from(), size));
      case LINK_FLAP,
          HANDOVER_GAP,
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
          Optional.empty();
    };
  }

  private static LinkCondition link(Conditions conditions, ComponentId id) {
    LinkCondition link = conditions.links().get(id);
    if (link == null) {
      throw new IllegalStateException("link " + id + " is not in the job");
    }
    return link;
  }
}
