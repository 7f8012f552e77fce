package io.foresplit.diagnoser;

import io.foresplit.contract.BreachRisk;
import io.foresplit.contract.Cause;
import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Conditions;
import io.foresplit.contract.DegradationKind;
import io.foresplit.contract.Incident;
import io.foresplit.contract.IncidentId;
import io.foresplit.contract.IntervalTick;
import io.foresplit.contract.JobId;
import io.foresplit.contract.JobRecord;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.LayerProfile;
import io.foresplit.contract.LinkCondition;
import io.foresplit.contract.LinkSpec;
import io.foresplit.contract.Metric;
import io.foresplit.contract.MetricSample;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.NodeSpec;
import io.foresplit.contract.Objective;
import io.foresplit.contract.ObjectiveId;
import io.foresplit.contract.Placement;
import io.foresplit.contract.SegmentMetrics;
import io.foresplit.contract.Severity;
import io.foresplit.contract.SplitTopology;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/**
 * A job's log and incident drawn from the step time model, a seed and one fault. Rates have AR(1)
 * noise of 4 % and a slow wave of 5 %.
 */
final class World {
  static final JobId JOB = new JobId("demo");
  static final Duration INTERVAL = Duration.ofMillis(500);
  static final Instant START = Instant.parse("2026-01-01T06:40:00Z");
  static final long ONSET = 200;

  /** Everything is drawn from this. */
  record Draw(
      long seed,
      List<String> names,
      Optional<Cause> cause,
      double present,
      double ahead,
      boolean sudden) {
    private static final List<String> CHAIN = List.of("device", "edge", "cloud");

    /** A fault that is there: well on its way, and forecast to grow somewhat. */
    static Draw of(Cause cause, long seed) {
      return new Draw(seed, CHAIN, Optional.of(cause), 0.7, 1, false);
    }

    static Draw noise(long seed) {
      return new Draw(seed, CHAIN, Optional.empty(), 0, 0, false);
    }

    Draw named(String... others) {
      return new Draw(seed, List.of(others), cause, present, ahead, sudden);
    }

    /** How much of the fault, on a logarithmic scale, is there at the alarm, and forecast. */
    Draw at(double newPresent, double newAhead) {
      return new Draw(seed, names, cause, newPresent, newAhead, sudden);
    }

    /** All at once, in the last two intervals before the alarm. */
    Draw atOnce() {
      return new Draw(seed, names, cause, 1, 1, true);
    }
  }

  private static final double MBIT = 125_000;
  private static final int ALARM_AFTER = 40;

  final JobSpec job;
  final Placement placement;
  final ComponentId component;
  final long alarm = ONSET + ALARM_AFTER;

  private final Draw draw;
  private final Random random;
  private final double size;
  private final Map<String, Double> noises = new HashMap<>();
  private final Map<String, Double> phases = new HashMap<>();
  private final Map<ComponentId, List<LinkCondition>> links = new HashMap<>();
  private final Map<NodeId, List<Double>> slowdowns = new HashMap<>();
  private final List<JobRecord> log = new ArrayList<>();

  World(Draw draw) {
    this.draw = draw;
    this.random = new Random(31 * draw.seed() + draw.cause().map(Cause::ordinal).orElse(99));
    this.job = job(draw.names());
    List<NodeId> chain = job.nodes().stream().map(NodeSpec::id).toList();
    Placement drawn;
    ComponentId struck;
    double factor;
    do {
      int first = 1 + random.nextInt(3);
      drawn = Placement.ofCuts(chain, 5, List.of(first, first + 1 + random.nextInt(4 - first)));
      struck = struck(random);
      factor =
          draw.cause().filter(c -> c == Cause.LATENCY_RISE).isPresent()
              ? 25
              : 4 + 4 * random.nextDouble();
    } while (!hurts(drawn, struck, factor));
    placement = drawn;
    component = struck;
    size = factor;
    log.add(new SplitTopology(job, 0, placement, START));
    for (long interval = 1; interval <= alarm; interval++) {
      interval(interval);
    }
  }

  static JobSpec job(List<String> names) {
    List<NodeId> chain = names.stream().map(NodeId::new).toList();
    return new JobSpec(
        JOB,
        "lenet",
        32,
        INTERVAL,
        List.of(
            new LayerProfile("conv1", 0.0075, 0.015, 150_528, 624),
            new LayerProfile("conv2", 0.0154, 0.031, 51_200, 9_664),
            new LayerProfile("fc1", 0.0031, 0.0061, 15_360, 192_480),
            new LayerProfile("fc2", 0.00065, 0.0013, 10_752, 40_656),
            new LayerProfile("fc3", 0.00005, 0.0001, 1_280, 3_400)),
        List.of(
            new NodeSpec(chain.get(0), 0.5),
            new NodeSpec(chain.get(1), 0.8),
            new NodeSpec(chain.get(2), 1.5)),
        List.of(
            new LinkSpec(chain.get(0), chain.get(1), 50 * MBIT, 0.002),
            new LinkSpec(chain.get(1), chain.get(0), 100 * MBIT, 0.002),
            new LinkSpec(chain.get(1), chain.get(2), 40 * MBIT, 0.005),
            new LinkSpec(chain.get(2), chain.get(1), 80 * MBIT, 0.005)),
        chain.get(0),
        List.of(chain.get(1), chain.get(2)),
        1,
        List.of(
            new Objective(
                new ObjectiveId("step-time"),
                Metric.STEP_SECONDS,
                0.28,
                Duration.ofSeconds(3),
                Severity.CRITICAL),
            new Objective(
                new ObjectiveId("loss"),
                Metric.LOSS,
                1.4,
                Duration.ofSeconds(3),
                Severity.WARNING)));
  }

  /** The log up to and including the tick of the alarm. */
  List<JobRecord> log() {
    return List.copyOf(log);
  }

  boolean isLearning() {
    return draw.cause().filter(c -> c.kind() == DegradationKind.MODEL_DRIFT).isPresent();
  }

  Incident incident() {
    return incident(0);
  }

  /** The incident as the alarm raises it, its onset estimated wrongly by so many intervals. */
  Incident incident(long onsetError) {
    boolean lost = is(Cause.NODE_LOSS);
    return new Incident(
        new IncidentId("inc-" + alarm),
        JOB,
        Incident.Phase.OPEN,
        alarm,
        alarm,
        Math.min((draw.sudden() ? alarm - 1 : ONSET) + onsetError, alarm),
        end(alarm),
        0,
        lost
            ? List.of()
            : List.of(
                new BreachRisk(
                    new ObjectiveId(isLearning() ? "loss" : "step-time"),
                    0.85,
                    alarm + 20,
                    alarm + 30,
                    -1,
                    0.2,
                    false)),
        lost ? List.of(component.from()) : List.of(),
        measured(),
        expected());
  }

  static Instant end(long interval) {
    return START.plus(INTERVAL.multipliedBy(interval + 1));
  }

  private boolean is(Cause cause) {
    return draw.cause().filter(c -> c == cause).isPresent();
  }

  private ComponentId struck(Random by) {
    int pair = by.nextInt(2);
    NodeId near = job.nodes().get(pair).id();
    NodeId far = job.nodes().get(pair + 1).id();
    int node = by.nextInt(3);
    if (draw.cause().isEmpty()) {
      return ComponentId.JOB;
    }
    return switch (draw.cause().get()) {
      case UPLINK_FADE, LATENCY_RISE -> ComponentId.link(near, far);
      case DOWNLINK_FADE -> ComponentId.link(far, near);
      case NODE_SLOWDOWN, NODE_LOSS, STALE_WEIGHTS -> ComponentId.of(job.nodes().get(node).id());
      // what the last node puts out is the loss itself
      case CORRUPTED_ACTIVATIONS -> ComponentId.of(job.nodes().get(Math.min(node, 1)).id());
      case LABEL_DRIFT, FEATURE_DRIFT -> ComponentId.of(job.dataOwner());
      case EXPLODING_GRADIENTS -> ComponentId.JOB;
    };
  }

  private static final int LOSS = 0;
  private static final int GRADIENT = 1;
  private static final int VARIANCE = 4;

  /**
   * What a cause of learning does in the end, logarithmic: to the loss, to the gradient norm of the
   * three nodes and to the variance of what they put out. About as recorded of a LeNet, see
   * docs/simulation.md.
   */
  private double learning(int of) {
    if (!isLearning()) {
      return 0;
    }
    int struck = Math.max(0, job.tier(component.from()));
    double[] changes =
        switch (draw.cause().orElseThrow()) {
          case LABEL_DRIFT -> new double[] {1.6, 0.1, 0, -0.1, 0, -0.5, -1.2};
          case FEATURE_DRIFT -> new double[] {1.3, -0.4, -0.3, -0.3, 0.4, -0.3, -0.8};
          case EXPLODING_GRADIENTS -> new double[] {2.5, 5, 4.5, 4, 1.5, 1.5, 1.5};
          case STALE_WEIGHTS -> {
            double[] stale = {0.8, 0.4, 0.4, 0.4, 0, 0, 0};
            stale[GRADIENT + struck] = 1;
            for (int tier = struck; tier < 3; tier++) {
              stale[VARIANCE + tier] = -0.4;
            }
            yield stale;
          }
          case CORRUPTED_ACTIVATIONS -> {
            double[] corrupted = {2.5, 0, 0, 0, 0, 0, 0};
            for (int tier = struck; tier < 3; tier++) {
              corrupted[GRADIENT + tier] = 1;
              corrupted[VARIANCE + tier] = tier == struck ? 4.5 : 2;
            }
            yield corrupted;
          }
          default -> throw new IllegalStateException("no cause of learning");
        };
    return changes[of];
  }

  /** A fault nobody would notice is no test. */
  private boolean hurts(Placement at, ComponentId struck, double factor) {
    if (draw.cause().isEmpty() || isLearning() || is(Cause.NODE_LOSS)) {
      return true;
    }
    Conditions ill = ill(job.declaredConditions(), struck, factor);
    StepTimeModel model = new StepTimeModel();
    return model.predict(job, at, ill) > 1.4 * model.predict(job, at, job.declaredConditions());
  }

  private Conditions ill(Conditions well, ComponentId struck, double factor) {
    Conditions ill = well;
    if (is(Cause.UPLINK_FADE) || is(Cause.DOWNLINK_FADE)) {
      LinkCondition link = well.links().get(struck);
      ill =
          ill.withLink(
              struck, new LinkCondition(link.bytesPerSecond() / factor, link.delaySeconds()));
    } else if (is(Cause.LATENCY_RISE)) {
      for (ComponentId way : List.of(struck, ComponentId.link(struck.to(), struck.from()))) {
        LinkCondition link = well.links().get(way);
        ill =
            ill.withLink(
                way, new LinkCondition(link.bytesPerSecond(), link.delaySeconds() * factor));
      }
    } else if (is(Cause.NODE_SLOWDOWN)) {
      ill = ill.withSlowdown(struck.from(), well.slowdowns().get(struck.from()) * factor);
    }
    return ill;
  }

  /** 0 at the onset, the drawn share at the alarm. */
  private double progress(long interval) {
    if (draw.sudden()) {
      return interval <= alarm - 2 ? 0 : draw.present();
    }
    return interval < ONSET ? 0 : draw.present() * (interval - ONSET) / ALARM_AFTER;
  }

  private void interval(long interval) {
    Conditions conditions = conditions(interval);
    double progress = progress(interval);
    double step = new StepTimeModel().predict(job, placement, conditions);
    double loss = (0.25 + 1.1 * Math.exp(-interval / 120.0)) * Math.exp(learning(LOSS) * progress);
    List<NodeId> silent = new ArrayList<>();
    for (NodeSpec node : job.nodes()) {
      if (is(Cause.NODE_LOSS) && component.from().equals(node.id()) && interval > alarm - 4) {
        silent.add(node.id());
        continue;
      }
      List<MetricSample> samples = new ArrayList<>(samples(node.id(), conditions, step, progress));
      if (node.id().equals(job.dataOwner())) {
        samples.add(new MetricSample(ComponentId.JOB, Metric.STEP_SECONDS, step * jitter(0.03)));
        samples.add(new MetricSample(ComponentId.JOB, Metric.LOSS, loss * jitter(0.08)));
      }
      log.add(new SegmentMetrics(JOB, node.id(), 0, interval, interval * 3, samples));
    }
    log.add(new IntervalTick(JOB, interval, 0, end(interval), INTERVAL, silent));
  }

  private List<MetricSample> samples(
      NodeId node, Conditions conditions, double step, double progress) {
    ComponentId self = ComponentId.of(node);
    List<MetricSample> samples = new ArrayList<>();
    double slowdown = conditions.slowdowns().get(node);
    double work = 0.02 * slowdown;
    samples.add(new MetricSample(self, Metric.SLOWDOWN, slowdown));
    samples.add(new MetricSample(self, Metric.FORWARD_SECONDS, work));
    samples.add(new MetricSample(self, Metric.BACKWARD_SECONDS, 2 * work));
    samples.add(new MetricSample(self, Metric.QUEUE_WAIT_SECONDS, Math.max(0, step - 3 * work)));
    samples.add(new MetricSample(self, Metric.CPU_SHARE, 0.2 * jitter(0.1)));
    int tier = job.tier(node);
    double inputs = 1 + (is(Cause.FEATURE_DRIFT) ? 1.5 : 0) * progress;
    double gradients = Math.exp(learning(GRADIENT + tier) * progress);
    double activations = Math.exp(learning(VARIANCE + tier) * progress);
    samples.add(new MetricSample(self, Metric.GRADIENT_NORM, 1.5 * gradients * jitter(0.15)));
    samples.add(
        new MetricSample(
            self, Metric.ACTIVATION_MEAN, 0.4 * Math.sqrt(activations) * jitter(0.03)));
    samples.add(
        new MetricSample(self, Metric.ACTIVATION_VARIANCE, 0.9 * activations * jitter(0.05)));
    if (node.equals(job.dataOwner())) {
      samples.add(new MetricSample(self, Metric.INPUT_MEAN, 0.3 * inputs * jitter(0.05)));
      samples.add(new MetricSample(self, Metric.INPUT_VARIANCE, 0.1 * inputs * jitter(0.08)));
    }
    conditions
        .links()
        .forEach(
            (link, condition) -> {
              if (link.from().equals(node)) {
                samples.add(new MetricSample(link, Metric.LINK_RATE, condition.bytesPerSecond()));
                samples.add(
                    new MetricSample(link, Metric.LINK_DELAY_SECONDS, condition.delaySeconds()));
                samples.add(
                    new MetricSample(
                        link, Metric.TRANSFER_SECONDS, 50_000 / condition.bytesPerSecond()));
              }
            });
    return samples;
  }

  /** True conditions with noise; drawn in the order of the chain, so that names play no part. */
  private Conditions conditions(long interval) {
    Conditions conditions = job.declaredConditions();
    int index = 0;
    for (LinkSpec link : job.links()) {
      double wave =
          1
              + 0.05
                  * Math.sin(
                      interval / 23.0
                          + phases.computeIfAbsent("l" + index, k -> 6 * random.nextDouble()));
      conditions =
          conditions.withLink(
              link.id(),
              new LinkCondition(
                  link.bytesPerSecond() * wave * Math.exp(noise("l" + index, 0.04)),
                  link.delaySeconds() * jitter(0.1)));
      index++;
    }
    for (NodeSpec node : job.nodes()) {
      conditions = conditions.withSlowdown(node.id(), 1.02 * Math.exp(noise("n" + index++, 0.025)));
    }
    Conditions ill = ill(conditions, component, Math.pow(size, progress(interval)));
    ill.links().forEach((link, c) -> links.computeIfAbsent(link, l -> new ArrayList<>()).add(c));
    ill.slowdowns().forEach((n, s) -> slowdowns.computeIfAbsent(n, l -> new ArrayList<>()).add(s));
    return ill;
  }

  /** Medians of the last values. */
  private Conditions measured() {
    Conditions now = job.declaredConditions();
    for (LinkSpec link : job.links()) {
      List<LinkCondition> all = links.get(link.id());
      List<LinkCondition> last = all.subList(all.size() - 4, all.size());
      now =
          now.withLink(
              link.id(),
              new LinkCondition(
                  median(last.stream().mapToDouble(LinkCondition::bytesPerSecond).toArray()),
                  median(last.stream().mapToDouble(LinkCondition::delaySeconds).toArray())));
    }
    for (NodeSpec node : job.nodes()) {
      List<Double> all = slowdowns.get(node.id());
      double[] last =
          all.subList(all.size() - 4, all.size()).stream().mapToDouble(d -> d).toArray();
      now = now.withSlowdown(node.id(), median(last));
    }
    return now;
  }

  private static double median(double[] values) {
    return Robust.median(values);
  }

  /** The fault carried on, and forecasts that drift by some percent everywhere else. */
  private Conditions expected() {
    Random errors = new Random(draw.seed());
    Conditions expected = measured();
    for (LinkSpec link : job.links()) {
      LinkCondition now = expected.links().get(link.id());
      expected =
          expected.withLink(
              link.id(),
              new LinkCondition(
                  now.bytesPerSecond() * Math.exp(0.08 * errors.nextGaussian()),
                  now.delaySeconds() * Math.exp(0.1 * errors.nextGaussian())));
    }
    for (NodeSpec node : job.nodes()) {
      double now = expected.slowdowns().get(node.id());
      expected = expected.withSlowdown(node.id(), now * Math.exp(0.05 * errors.nextGaussian()));
    }
    return ill(expected, component, Math.pow(size, draw.ahead() - draw.present()));
  }

  private double jitter(double sigma) {
    return Math.exp(sigma * random.nextGaussian());
  }

  private double noise(String series, double sigma) {
    double phi = 0.7;
    double next =
        phi * noises.getOrDefault(series, 0.0)
            + Math.sqrt(1 - phi * phi) * sigma * random.nextGaussian();
    noises.put(series, next);
    return next;
  }
}
