package io.foresplit.bench.scenario;

import io.foresplit.bench.scenario.FaultDraw.Drawn;
import io.foresplit.bench.scenario.FaultDraw.Timing;
import io.foresplit.bench.scenario.NormalDraw.Hard;
import io.foresplit.bench.scenario.Scenario.Course;
import io.foresplit.bench.scenario.ScenarioDraw.Planned;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.NodeSpec;
import io.foresplit.contract.Placement;
import io.foresplit.runtime.sim.DisturbanceKind;
import io.foresplit.runtime.sim.Shape;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * Short scenarios for real processes on two cores: each kind of fault that they can do, in runs of
 * one to two minutes, and a quarter without a fault, on links that vary more or less. A pass is a
 * function of its seed alone.
 */
public final class RealSuite {
  private static final int SALT = 104_729;
  private static final int REDRAWS = 60;

  /** What strikes a link, a node, what is learnt; in order. */
  private static final List<DisturbanceKind> KINDS =
      List.of(
          DisturbanceKind.UPLINK_FADE,
          DisturbanceKind.DOWNLINK_FADE,
          DisturbanceKind.LATENCY_RISE,
          DisturbanceKind.JITTER,
          DisturbanceKind.PACKET_LOSS,
          DisturbanceKind.LINK_FLAP,
          DisturbanceKind.HANDOVER_GAP,
          DisturbanceKind.STRAGGLER,
          DisturbanceKind.CPU_CONTENTION,
          DisturbanceKind.LABEL_DRIFT,
          DisturbanceKind.NODE_CRASH);

  /** What is hard about a healthy world, by the noise of its links. */
  private enum Calm {
    USUAL(ScenarioKind.CALM, 0.05, 0.06, 25),
    NOISY_LINKS(ScenarioKind.NORMAL + "noisy-links", 0.14, 0.05, 40),
    SLOW_WAVE(ScenarioKind.NORMAL + "slow-wave", 0.04, 0.22, 45),
    FAST_WAVE(ScenarioKind.NORMAL + "fast-wave", 0.06, 0.2, 12);

    private final String kind;
    private final double noise;
    private final double wave;
    private final double periodSeconds;

    Calm(String kind, double noise, double wave, double periodSeconds) {
      this.kind = kind;
      this.noise = noise;
      this.wave = wave;
      this.periodSeconds = periodSeconds;
    }
  }

  private final Topology topology = Topology.real();
  private final long seed;
  private final SplittableRandom random;
  private final List<Scenario> drawn = new ArrayList<>();

  private RealSuite(long seed) {
    this.seed = seed;
    random = new SplittableRandom(seed * SALT);
  }

  /** How many passes are enough, unless said otherwise. */
  public static int defaultSeeds(Suite suite) {
    return switch (suite) {
      case QUICK -> 1;
      case STANDARD -> 3;
      case FULL -> 10;
      case TRAINING -> throw new IllegalArgumentException("suite training has no real runs");
    };
  }

  /** One pass, in a fixed order of kinds: 12 faults and 4 worlds without one. */
  public static List<Scenario> scenarios(long seed) {
    RealSuite pass = new RealSuite(seed);
    for (DisturbanceKind kind : KINDS) {
      boolean both = FaultDraw.canBeGradual(kind) && FaultDraw.canBeSudden(kind);
      boolean gradual = (KINDS.indexOf(kind) + seed) % 2 == 0;
      if (kind == DisturbanceKind.CPU_CONTENTION) {
        pass.fault(kind, Course.GRADUAL);
        pass.fault(kind, Course.SUDDEN);
      } else {
        pass.fault(kind, both && gradual ? Course.GRADUAL : Course.SUDDEN);
      }
    }
    for (Calm calm : Calm.values()) {
      pass.calm(calm);
    }
    return List.copyOf(pass.drawn);
  }

  private Topology.Member job() {
    return topology.jobs().get(0);
  }

  private void fault(DisturbanceKind kind, Course course) {
    double ramp = course == Course.GRADUAL ? Rounded.seconds(random.nextDouble(15, 25)) : 0;
    double onset = Rounded.seconds(random.nextDouble(36, 44));
    double duration = onset + ramp + Rounded.seconds(random.nextDouble(30, 36));
    List<Shape> shapes = topology.shapes();
    Shape shape =
        kind == DisturbanceKind.STRAGGLER
                || kind == DisturbanceKind.CPU_CONTENTION
                || kind == DisturbanceKind.LABEL_DRIFT
                || ramp == 0
            ? Shape.LINEAR
            : shapes.get(random.nextInt(shapes.size()));
    Drawn hurting = hurting(kind, new Timing(onset, ramp, Double.POSITIVE_INFINITY, shape));
    add(
        topology,
        kind.label(),
        course,
        duration,
        new Planned(Hard.nothing(hurting.initial()), List.of(hurting.fault())));
  }

  private Drawn hurting(DisturbanceKind kind, Timing timing) {
    List<NodeSpec> chain = job().spec().nodes();
    NodeId last = chain.get(chain.size() - 1).id();
    for (int i = 0; i < REDRAWS; i++) {
      Optional<Drawn> hurting =
          new Sizes(random).draw(job(), job().healthy(), kind, timing, Optional.empty());
      // what the last node trained can go on next to it, without a way around a dead one
      if (hurting.isPresent()
          && (kind != DisturbanceKind.NODE_CRASH
              || hurting.get().fault().component().from().equals(last))) {
        return hurting.get();
      }
    }
    throw new IllegalStateException("on real processes no " + kind.label() + " hurts");
  }

  private void calm(Calm calm) {
    // of placements the quickest, so that healthy links that vary breach nothing
    Placement initial =
        job().healthy().stream()
            .min(Comparator.comparingDouble(job()::stepSeconds))
            .orElseThrow(() -> new IllegalStateException("no placement is healthy"));
    add(
        topology.with(WorldNoise.of(calm.noise, calm.wave, calm.periodSeconds, 0.03, 0.1)),
        calm.kind,
        Course.NONE,
        Rounded.seconds(random.nextDouble(75, 90)),
        new Planned(Hard.nothing(initial), List.of()));
  }

  private void add(Topology on, String kind, Course course, double duration, Planned planned) {
    String stem = on.name() + "/" + kind.replace(':', '-');
    String id = course == Course.NONE ? stem : stem + "/" + course.name().toLowerCase(Locale.ROOT);
    drawn.add(
        new ScenarioDraw(on, random.split(), duration, 0)
            .named(id, kind, course, seed, List.of(planned)));
  }

  /** Sizes and lengths for short runs with reports each half a second. */
  private static final class Sizes extends FaultDraw {
    private final SplittableRandom random;

    Sizes(SplittableRandom random) {
      super(random);
      this.random = random;
    }

    @Override
    double size(DisturbanceKind kind, double bound, double away) {
      if (kind == DisturbanceKind.LINK_FLAP) {
        return random.nextDouble(0.78, 0.88); // each step meets it
      } else if (kind == DisturbanceKind.HANDOVER_GAP) {
        return random.nextDouble(8, 14);
      } else if (kind == DisturbanceKind.CPU_CONTENTION) {
        return random.nextDouble(3, 5); // 5 to 9 busy threads on two cores
      }
      return super.size(kind, bound, away);
    }

    @Override
    double period(DisturbanceKind kind, double size) {
      if (kind == DisturbanceKind.LINK_FLAP) {
        return random.nextDouble(0.7, 0.9);
      }
      return kind == DisturbanceKind.HANDOVER_GAP ? 0 : super.period(kind, size);
    }

    @Override
    double lasts(DisturbanceKind kind, Timing timing) {
      return kind == DisturbanceKind.NODE_CRASH
          ? random.nextDouble(16, 26)
          : super.lasts(kind, timing);
    }
  }
}
