package io.foresplit.runtime.sim;

import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Conditions;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.LinkCondition;
import io.foresplit.contract.LinkSpec;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.NodeSpec;
import io.foresplit.runtime.fault.FaultSchedule;
import io.foresplit.runtime.link.RateTrace;
import io.foresplit.runtime.link.Setback;
import io.foresplit.runtime.sim.DisturbanceKind.Effect;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What links and nodes give at each moment, in seconds since the start of the job: traces, faults,
 * disturbances and noise, whatever the job does. Every answer is a function of the simulation and
 * the moment alone. Confined to one thread, for traces remember.
 */
final class World {
  /** Packet of the loss formula, bytes. */
  private static final double SEGMENT_BYTES = 1460;

  /** Constant of the loss formula, for acknowledgement of each packet. */
  private static final double MATHIS = Math.sqrt(1.5);

  private static final double LEAST_ROUND_TRIP = 1e-3;
  private static final double LEAST_RATE = 1;
  private static final double JITTER_CELL_SECONDS = 0.02;
  private static final int MEAN_OF = 40;

  private final JobSpec job;
  private final long seed;
  private final FaultSchedule faults;
  private final List<Disturbance> disturbances;
  private final Map<ComponentId, RateTrace> traces;
  private final Machine machine;
  private final double intervalSeconds;

  World(Simulation simulation) {
    job = simulation.job();
    seed = simulation.seed();
    faults = simulation.faults();
    disturbances = simulation.disturbances();
    traces = simulation.traces();
    machine = simulation.machine();
    intervalSeconds = job.interval().toNanos() / 1e9;
  }

  /** One directed link. */
  final class Link {
    private final LinkSpec spec;
    private final ComponentId id;
    private final RateTrace trace;
    private final List<Disturbance> rate;
    private final List<Disturbance> outage;
    private final List<Disturbance> loss;
    private final List<Disturbance> delay;
    private final List<Disturbance> jitter;
    private final Chance chance;
    private final Noise jitterNoise;
    private final long setbackSeed;

    Link(LinkSpec spec) {
      this.spec = spec;
      id = spec.id();
      rate = struck(id, Effect.RATE);
      outage = struck(id, Effect.OUTAGE);
      loss = struck(id, Effect.LOSS);
      delay = struck(id, Effect.DELAY);
      jitter = struck(id, Effect.JITTER);
      trace = traces.getOrDefault(id, RateTrace.constant(spec.bytesPerSecond())).remembering();
      chance = new Chance(id, "message", machine.messageNoise());
      jitterNoise = Noise.of(seed, id, "jitter");
      setbackSeed = seed * 1_000_003 + id.value().hashCode();
    }

    /** Rate at a moment; next to nothing when the link is away. */
    double bytesPerSecond(double t) {
      for (Disturbance away : outage) {
        if (away.progress(t) > 0) {
          return LEAST_RATE;
        }
      }
      double bytes = trace.bytesPerSecond(t) * faults.linkRateFactor(id, t);
      for (Disturbance fade : rate) {
        bytes /= fade.strength(t);
      }
      double lost = 0;
      for (Disturbance one : loss) {
        lost = 1 - (1 - lost) * (1 - one.strength(t));
      }
      return Math.max(LEAST_RATE, lost == 0 ? bytes : Math.min(bytes, lossyRate(lost, t)));
    }

    /**
     * What a loss leaves of a rate: segment / round trip · sqrt(3/2) / sqrt(loss). Mathis, Semke,
     * Mahdavi and Ott, "The macroscopic behavior of the TCP congestion avoidance algorithm", 1997.
     */
    private double lossyRate(double lost, double t) {
      double roundTrip = Math.max(LEAST_ROUND_TRIP, 2 * delaySeconds(t));
      return SEGMENT_BYTES / roundTrip * MATHIS / Math.sqrt(lost);
    }

    /** One-way delay at a moment. */
    double delaySeconds(double t) {
      double seconds =
          trace.delaySeconds(t).orElse(spec.delaySeconds()) + faults.extraDelaySeconds(id, t);
      for (Disturbance rise : delay) {
        seconds += rise.strength(t);
      }
      for (Disturbance one : jitter) {
        double mean = one.strength(t);
        if (mean > 0) {
          seconds += 2 * mean * jitterNoise.uniform((long) Math.floor(t / JITTER_CELL_SECONDS));
        }
      }
      return seconds;
    }

    /**
     * What jitter and loss of the trace do to a message. It is drawn by the millisecond in which
     * the message is sent, not by its number, so that it does not depend on what was sent before.
     */
    Setback setback(double sent, long bytes, double roundTripSeconds) {
      return Setback.of(
          setbackSeed,
          (long) Math.floor(sent * 1e3),
          bytes,
          roundTripSeconds,
          trace.jitterSeconds(sent),
          trace.loss(sent));
    }

    /** What delivering a message takes beyond the wire. */
    double hopSeconds(double t) {
      return machine.hopSeconds() * chance.factor(t);
    }

    /** What encoding and decoding a message takes. */
    double codingSeconds(long bytes, double t) {
      return (machine.messageSeconds() + bytes * machine.secondsPerByte()) * chance.factor(t);
    }
  }

  /** One node. */
  final class Node {
    private final NodeSpec spec;
    private final boolean faulty;
    private final List<Disturbance> compute;
    private final List<Disturbance> memory;
    private final List<Disturbance> away;
    private final Chance computeChance;
    private final Chance usageChance;
    private final Noise heap;

    Node(NodeSpec spec) {
      this.spec = spec;
      ComponentId id = ComponentId.of(spec.id());
      faulty = faults.fault().component().equals(id);
      compute = struck(id, Effect.COMPUTE);
      memory = struck(id, Effect.MEMORY);
      away = new ArrayList<>(struck(id, Effect.AWAY));
      away.addAll(memory);
      computeChance = new Chance(id, "compute", machine.computeNoise());
      usageChance = new Chance(id, "usage", machine.usageNoise());
      heap = Noise.of(seed, id, "heap");
    }

    /** Without noise. */
    double slowdown(double t) {
      double slowdown =
          faulty ? faults.slowdown(spec.id(), t) * faults.contention(spec.id(), t) : 1;
      for (Disturbance one : compute) {
        slowdown *= one.strength(t);
      }
      return slowdown;
    }

    /** What compute that starts now takes of what was declared, noise included. */
    double computeFactor(double t) {
      return slowdown(t) * computeChance.factor(t);
    }

    /** From a moment on, the first one at which the process is there; may be infinite. */
    double presentFrom(double t) {
      double present = t;
      boolean later = true;
      while (later) {
        later = false;
        for (Disturbance one : away) {
          double from = one.presentFrom(present);
          later |= from > present;
          present = from;
        }
      }
      return present;
    }

    /** When the process goes, seconds since the start of the job. */
    List<Double> leaves() {
      return away.stream().map(Disturbance::awayFrom).filter(t -> presentFrom(t) > t).toList();
    }

    double usageFactor(double t) {
      return usageChance.factor(t);
    }

    /** Falls back at each collection of garbage. */
    double heapBytes(double t) {
      return machine.heapBytes() * (0.6 + 0.8 * heap.uniform(cell(t)));
    }

    double nativeBytes(double t) {
      double bytes = machine.nativeBytes() * (1 + 0.1 * (usageFactor(t) - 1));
      for (Disturbance leak : memory) {
        bytes += leak.strength(t);
      }
      return bytes;
    }
  }

  /** The noise of one component, larger in a burst of it. Remembers its last value. */
  private final class Chance {
    private final Noise noise;
    private final double deviation;
    private final List<Disturbance> bursts;
    private long lastCell = Long.MIN_VALUE;
    private double lastSize;
    private double lastFactor;

    Chance(ComponentId id, String purpose, double deviation) {
      noise = Noise.of(seed, id, purpose);
      this.deviation = deviation;
      bursts =
          disturbances.stream()
              .filter(d -> d.has(Effect.NOISE, id) || d.has(Effect.NOISE, ComponentId.JOB))
              .toList();
    }

    double factor(double t) {
      double size = deviation;
      for (Disturbance burst : bursts) {
        size *= burst.strength(t);
      }
      long cell = cell(t);
      if (cell != lastCell || size != lastSize) {
        lastCell = cell;
        lastSize = size;
        lastFactor = noise.factor(cell, size);
      }
      return lastFactor;
    }
  }

  private List<Disturbance> struck(ComponentId component, Effect effect) {
    return disturbances.stream().filter(d -> d.has(effect, component)).toList();
  }

  /** By what mini-batches are larger than declared. */
  double batchFactor(double t) {
    double factor = 1;
    for (Disturbance one : disturbances) {
      factor *= one.kind().effect() == Effect.BATCH ? one.strength(t) : 1;
    }
    return factor;
  }

  /** What a planner that knows all would plan for: without noise, links as they are. */
  Conditions conditions(double t) {
    Map<ComponentId, LinkCondition> links = new TreeMap<>();
    for (LinkSpec spec : job.links()) {
      Link link = new Link(spec);
      links.put(spec.id(), new LinkCondition(link.bytesPerSecond(t), link.delaySeconds(t)));
    }
    Map<NodeId, Double> slowdowns = new TreeMap<>();
    job.nodes().forEach(spec -> slowdowns.put(spec.id(), new Node(spec).slowdown(t)));
    return new Conditions(links, slowdowns);
  }

  /** Means of {@link #conditions} over a time, at {@value #MEAN_OF} moments of it. */
  Conditions meanConditions(double from, double to) {
    Map<ComponentId, LinkCondition> links = new TreeMap<>();
    Map<NodeId, Double> slowdowns = new TreeMap<>();
    for (int i = 0; i < MEAN_OF; i++) {
      Conditions then = conditions(from + (to - from) * (i + 0.5) / MEAN_OF);
      then.links()
          .forEach(
              (id, one) ->
                  links.merge(
                      id,
                      new LinkCondition(
                          one.bytesPerSecond() / MEAN_OF, one.delaySeconds() / MEAN_OF),
                      (a, b) ->
                          new LinkCondition(
                              a.bytesPerSecond() + b.bytesPerSecond(),
                              a.delaySeconds() + b.delaySeconds())));
      then.slowdowns().forEach((id, one) -> slowdowns.merge(id, one / MEAN_OF, Double::sum));
    }
    return new Conditions(links, slowdowns);
  }

  private long cell(double t) {
    return (long) Math.floor(t / intervalSeconds);
  }
}
