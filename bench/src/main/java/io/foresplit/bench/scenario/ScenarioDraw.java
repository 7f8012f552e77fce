package io.foresplit.bench.scenario;

import io.foresplit.bench.scenario.FaultDraw.Drawn;
import io.foresplit.bench.scenario.FaultDraw.Timing;
import io.foresplit.bench.scenario.NormalDraw.Hard;
import io.foresplit.bench.scenario.Scenario.Course;
import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Placement;
import io.foresplit.runtime.link.GeneratedTrace;
import io.foresplit.runtime.sim.Disturbance;
import io.foresplit.runtime.sim.DisturbanceKind;
import io.foresplit.runtime.sim.Shape;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/** Draws one scenario on one topology. Used once; not thread-safe. */
final class ScenarioDraw {
  /** Report intervals of healthy history at least. */
  private static final int HEALTHY_INTERVALS = 60;

  /** Steps after which a model has learnt enough for its loss to be within its bound. */
  private static final int LEARNT_STEPS = 900;

  /** A fault is full so long before the end at least. */
  private static final double SECONDS_AFTER = 420;

  /** A second fault begins so long after the first at most. */
  private static final double SECONDS_BETWEEN = 180;

  private static final List<DisturbanceKind> FIRST_OF_TWO =
      List.of(
          DisturbanceKind.UPLINK_FADE,
          DisturbanceKind.DOWNLINK_FADE,
          DisturbanceKind.LATENCY_RISE,
          DisturbanceKind.PACKET_LOSS);
  private static final List<DisturbanceKind> SECOND_OF_TWO =
      List.of(
          DisturbanceKind.CPU_CONTENTION,
          DisturbanceKind.STRAGGLER,
          DisturbanceKind.LABEL_DRIFT,
          DisturbanceKind.FEATURE_DRIFT,
          DisturbanceKind.UPLINK_FADE);

  private final Topology topology;
  private final SplittableRandom random;
  private final double durationSeconds;
  private final double longestRamp;

  ScenarioDraw(
      Topology topology, SplittableRandom random, double durationSeconds, double longestRamp) {
    this.topology = topology;
    this.random = random;
    this.durationSeconds = durationSeconds;
    this.longestRamp = longestRamp;
  }

  /** Jobs of which one is struck; empty when no such fault hurts on the topology. */
  Optional<List<Planned>> fault(DisturbanceKind kind, Course course) {
    int struck = random.nextInt(topology.jobs().size());
    Topology.Member job = topology.jobs().get(struck);
    return new FaultDraw(random)
        .draw(job, job.healthy(), kind, timing(job, kind, course), Optional.empty())
        .map(drawn -> jobs(struck, drawn.initial(), List.of(drawn.fault())));
  }

  /** Jobs of which one is struck at two components, at once or one soon after the other. */
  Optional<List<Planned>> twoFaults(Course course) {
    int struck = random.nextInt(topology.jobs().size());
    Topology.Member job = topology.jobs().get(struck);
    FaultDraw draw = new FaultDraw(random);
    DisturbanceKind first = FIRST_OF_TWO.get(random.nextInt(FIRST_OF_TWO.size()));
    DisturbanceKind second = SECOND_OF_TWO.get(random.nextInt(SECOND_OF_TWO.size()));
    Timing began = timing(job, second, course); // the later one of both
    Optional<Drawn> one = draw.draw(job, job.healthy(), first, began, Optional.empty());
    if (one.isEmpty()) {
      return Optional.empty();
    }
    double gap = random.nextInt(3) == 0 ? 0 : random.nextDouble(20, SECONDS_BETWEEN);
    Timing follows =
        new Timing(
            Rounded.seconds(began.onsetSeconds() + gap),
            began.rampSeconds(),
            Double.POSITIVE_INFINITY,
            began.shape());
    Placement initial = one.get().initial();
    return draw.draw(
            job, List.of(initial), second, follows, Optional.of(one.get().fault().component()))
        .map(two -> jobs(struck, initial, List.of(one.get().fault(), two.fault())));
  }

  /** Jobs of which each has what is hard. */
  List<Planned> normal(String kind) {
    NormalDraw draw = new NormalDraw(random, durationSeconds, topology.jobs().size() > 1);
    return topology.jobs().stream()
        .map(job -> new Planned(draw.draw(job, kind), List.of()))
        .toList();
  }

  /** What a job of the scenario starts with and meets. */
  record Planned(Hard hard, List<Disturbance> faults) {}

  /** The scenario that was drawn. */
  Scenario named(String id, String kind, Course course, long seed, List<Planned> planned) {
    long worldSeed = Scenario.worldSeed(seed, id);
    WorldNoise noise = topology.noise();
    List<Scenario.Job> jobs = new ArrayList<>();
    for (int i = 0; i < planned.size(); i++) {
      Topology.Member member = topology.jobs().get(i);
      Planned plan = planned.get(i);
      jobs.add(
          new Scenario.Job(
              member.spec(),
              plan.hard().initial(),
              member.optimiser(),
              GeneratedTrace.forLinks(
                  member.spec(), worldSeed, noise.links(), noise.wave(), noise.wavePeriodSeconds()),
              noise.machine(),
              plan.faults().stream()
                  .sorted(Comparator.comparingDouble(Disturbance::onsetSeconds))
                  .toList(),
              plan.hard().normal(),
              plan.hard().moves()));
    }
    return new Scenario(
        id, topology.name(), kind, course, topology.use(), seed, durationSeconds, jobs);
  }

  private Timing timing(Topology.Member job, DisturbanceKind kind, Course course) {
    double interval = job.spec().interval().toMillis() / 1e3;
    double earliest = HEALTHY_INTERVALS * interval;
    if (kind.isOfLearning()) {
      double slowest = job.healthy().stream().mapToDouble(job::stepSeconds).max().orElse(1);
      earliest = Math.max(earliest, LEARNT_STEPS * slowest);
    }
    double ramp =
        course == Course.GRADUAL ? Rounded.seconds(random.nextDouble(60, longestRamp)) : 0;
    double latest =
        Math.max(
            earliest + 1, Math.min(0.5 * durationSeconds, durationSeconds - ramp - SECONDS_AFTER));
    double onset = Math.ceil(random.nextDouble(earliest, latest));
    double after = durationSeconds - onset - ramp;
    double lasts =
        random.nextBoolean() || after < SECONDS_AFTER
            ? Double.POSITIVE_INFINITY
            : Rounded.seconds(ramp + random.nextDouble(0.5, 0.85) * after);
    List<Shape> shapes = topology.shapes();
    Shape shape =
        course == Course.GRADUAL ? shapes.get(random.nextInt(shapes.size())) : Shape.LINEAR;
    return new Timing(onset, ramp, lasts, shape);
  }

  /** What strikes links and nodes strikes all jobs that have them. */
  private List<Planned> jobs(int struck, Placement initial, List<Disturbance> faults) {
    List<Planned> planned = new ArrayList<>();
    for (int i = 0; i < topology.jobs().size(); i++) {
      Topology.Member member = topology.jobs().get(i);
      if (i == struck) {
        planned.add(new Planned(Hard.nothing(initial), faults));
        continue;
      }
      planned.add(
          new Planned(
              Hard.nothing(member.healthy().get(random.nextInt(member.healthy().size()))),
              faults.stream()
                  .filter(fault -> !fault.kind().isOfLearning())
                  .filter(fault -> has(member, fault.component()))
                  .toList()));
    }
    return planned;
  }

  private static boolean has(Topology.Member member, ComponentId component) {
    return component.isLink()
        ? member.spec().link(component.from(), component.to()).isPresent()
        : member.spec().node(component.from()).isPresent();
  }
}
