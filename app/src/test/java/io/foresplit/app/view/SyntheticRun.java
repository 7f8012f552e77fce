package io.foresplit.app.view;

import io.foresplit.contract.ActionId;
import io.foresplit.contract.ActionOutcome;
import io.foresplit.contract.BreachRisk;
import io.foresplit.contract.Cause;
import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Conditions;
import io.foresplit.contract.Degradation;
import io.foresplit.contract.DegradationKind;
import io.foresplit.contract.Diagnosis;
import io.foresplit.contract.Evidence;
import io.foresplit.contract.Forecast;
import io.foresplit.contract.Incident;
import io.foresplit.contract.IncidentId;
import io.foresplit.contract.IntervalTick;
import io.foresplit.contract.JobId;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.JournalEntry;
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
import io.foresplit.contract.RankedCause;
import io.foresplit.contract.Reasoning;
import io.foresplit.contract.RecoveryAction;
import io.foresplit.contract.RecoveryPlan;
import io.foresplit.contract.SegmentMetrics;
import io.foresplit.contract.SeriesKey;
import io.foresplit.contract.Severity;
import io.foresplit.contract.SplitTopology;
import io.foresplit.diagnoser.DiagnosisGuard;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A run as its topics tell it: 80 healthy intervals, then the uplink fades, an incident opens, is
 * explained, layers move, and training is fast again. Seeded.
 */
public final class SyntheticRun {
  public static final JobId JOB = new JobId("fashion-mnist");
  public static final NodeId DEVICE = new NodeId("device");
  public static final NodeId EDGE = new NodeId("edge");
  public static final NodeId CLOUD = new NodeId("cloud");
  public static final ComponentId UPLINK = ComponentId.link(DEVICE, EDGE);
  public static final IncidentId INCIDENT = new IncidentId("incident-1");
  public static final ActionId ACTION = new ActionId("action-1");
  public static final int ONSET = 80;
  public static final int OPENED = 104;
  public static final int MOVED = 108;
  public static final int VERIFIED = 124;
  public static final int RESOLVED = 132;

  private static final double BOUND = 0.12;
  private static final List<NodeId> CHAIN = List.of(DEVICE, EDGE, CLOUD);
  private static final List<String> LAYERS =
      List.of("conv1", "pool1", "conv2", "pool2", "flatten", "dense1", "dense2");
  private static final Placement BEFORE = Placement.ofCuts(CHAIN, LAYERS.size(), List.of(2, 5));
  private static final Placement AFTER = Placement.ofCuts(CHAIN, LAYERS.size(), List.of(4, 5));

  private final Random random = new Random(7);
  private final JobSpec job = job();
  private final long first;

  /**
   * @param first number of the first interval, 0.5 s each
   */
  public SyntheticRun(long first) {
    this.first = first;
  }

  private static JobSpec job() {
    List<LinkSpec> links = new ArrayList<>();
    for (int i = 0; i + 1 < CHAIN.size(); i++) {
      double rate = i == 0 ? 2.5e6 : 8e6;
      links.add(new LinkSpec(CHAIN.get(i), CHAIN.get(i + 1), rate, 0.004));
      links.add(new LinkSpec(CHAIN.get(i + 1), CHAIN.get(i), rate * 1.5, 0.004));
    }
    return new JobSpec(
        JOB,
        "lenet",
        32,
        Duration.ofMillis(500),
        LAYERS.stream().map(n -> new LayerProfile(n, 1e-3, 2e-3, 30_000, 12_000)).toList(),
        List.of(new NodeSpec(DEVICE, 0.5), new NodeSpec(EDGE, 1), new NodeSpec(CLOUD, 4)),
        links,
        DEVICE,
        List.of(DEVICE, CLOUD),
        1,
        List.of(
            new Objective(
                new ObjectiveId("step-time"),
                Metric.STEP_SECONDS,
                BOUND,
                Duration.ofSeconds(2),
                Severity.CRITICAL)));
  }

  private Instant end(long step) {
    return Instant.ofEpochMilli((first + step + 1) * 500);
  }

  private double fade(long step) {
    return step < ONSET ? 1 : Math.max(0.3, 1 - (step - ONSET) * 0.022);
  }

  private double stepSeconds(long step) {
    double transfer = step < MOVED ? 0.03 / fade(step) : 0.011 / fade(step);
    return 0.05 + transfer + noise(0.0015);
  }

  private double noise(double size) {
    return random.nextGaussian() * size;
  }

  /** Hands over everything that interval {@code step}, from 0, says. */
  public void interval(int step, RecordSink sink) {
    if (step == 0) {
      sink.on(new SplitTopology(job, 0, BEFORE, end(-1)));
    }
    if (step == MOVED) {
      sink.on(new SplitTopology(job, 1, AFTER, end(step - 1)));
    }
    long interval = first + step;
    long epoch = step < MOVED ? 0 : 1;
    double seconds = stepSeconds(step);
    for (NodeId node : CHAIN) {
      sink.on(
          new SegmentMetrics(
              JOB, node, epoch, interval, Math.round(step * 6.0), samples(node, step, seconds)));
    }
    sink.on(new IntervalTick(JOB, interval, epoch, end(step), Duration.ofMillis(500), List.of()));
    if (step > 20) {
      sink.on(JOB, forecast(interval, epoch, step, seconds));
    }
    story(step, sink);
  }

  private List<MetricSample> samples(NodeId node, int step, double seconds) {
    List<MetricSample> samples = new ArrayList<>();
    ComponentId self = ComponentId.of(node);
    samples.add(new MetricSample(self, Metric.SLOWDOWN, 1 + Math.abs(noise(0.03))));
    samples.add(new MetricSample(self, Metric.CPU_SHARE, 0.2 + Math.abs(noise(0.02))));
    for (LinkSpec link : job.links()) {
      if (link.from().equals(node)) {
        double share = link.id().equals(UPLINK) ? fade(step) : 1;
        samples.add(
            new MetricSample(
                link.id(), Metric.LINK_RATE, link.bytesPerSecond() * share * (1 + noise(0.02))));
        samples.add(
            new MetricSample(
                link.id(), Metric.LINK_DELAY_SECONDS, 0.004 + Math.abs(noise(0.0004))));
      }
    }
    if (node.equals(DEVICE)) {
      samples.add(new MetricSample(ComponentId.JOB, Metric.STEP_SECONDS, seconds));
      samples.add(new MetricSample(ComponentId.JOB, Metric.STEPS_PER_SECOND, 1 / seconds));
    }
    if (node.equals(CLOUD)) {
      double loss = 0.35 + 1.9 * Math.exp(-step / 45.0) + Math.abs(noise(0.03));
      samples.add(new MetricSample(ComponentId.JOB, Metric.LOSS, loss));
    }
    return samples;
  }

  private Forecast forecast(long origin, long epoch, int step, double seconds) {
    double slope = step > ONSET + 4 && step < MOVED ? 0.0022 : 0;
    return new Forecast(
        new SeriesKey(ComponentId.JOB, Metric.STEP_SECONDS),
        origin,
        epoch,
        List.of(0.1, 0.5, 0.9),
        Stream.of(-1.3, 0.0, 1.3)
            .map(
                z ->
                    IntStream.range(0, 20)
                        .mapToDouble(
                            h -> seconds + slope * h + z * (0.002 + 0.0006 * Math.sqrt(h) * 3))
                        .boxed()
                        .toList())
            .toList(),
        "damped-holt/1");
  }

  private Incident incident(Incident.Phase phase, int step, double probability) {
    Conditions healthy = job.declaredConditions();
    Conditions faded = healthy.withLink(UPLINK, new LinkCondition(0.9e6, 0.004));
    return new Incident(
        INCIDENT,
        JOB,
        phase,
        first + step,
        first + OPENED,
        first + ONSET,
        end(step),
        0,
        List.of(
            new BreachRisk(
                new ObjectiveId("step-time"),
                probability,
                first + OPENED + 9,
                first + OPENED + 14,
                first + OPENED + 31,
                0.1,
                false)),
        List.of(),
        faded,
        faded,
        new Degradation(DegradationKind.COMMUNICATION, 0.97, "kinds/1a2b3c4d"));
  }

  private void story(int step, RecordSink sink) {
    RecoveryPlan plan =
        new RecoveryPlan(
            ACTION,
            JOB,
            INCIDENT,
            0,
            first + MOVED - 1,
            new RecoveryAction.MoveLayers(BEFORE, AFTER),
            0.152,
            0.083,
            "moving conv2 and pool2 to device sends 4.1 times fewer bytes over device->edge");
    ActionOutcome outcome =
        new ActionOutcome(
            plan, ActionOutcome.Result.HELPED, first + VERIFIED, 312, 0.104, 0.084, "as predicted");
    switch (step) {
      case OPENED -> sink.on(incident(Incident.Phase.OPEN, step, 0.84));
      case OPENED + 1 -> sink.on(diagnosis());
      case MOVED - 1 -> sink.on(new JournalEntry.Intended(JOB, end(step), plan));
      case MOVED -> sink.on(new JournalEntry.Executed(JOB, end(step), ACTION, 1, 312));
      case VERIFIED -> {
        sink.on(new JournalEntry.Closed(JOB, end(step), ACTION, outcome));
        sink.on(outcome);
      }
      case RESOLVED -> sink.on(incident(Incident.Phase.RESOLVED, step, 0.02));
      default -> {}
    }
  }

  /** The diagnosis with what a language model added. */
  public Diagnosis revised(Reasoning reasoning) {
    return DiagnosisGuard.revised(diagnosis(), reasoning);
  }

  private Diagnosis diagnosis() {
    List<Evidence> evidence =
        List.of(
            new Evidence(
                "E1",
                new SeriesKey(UPLINK, Metric.LINK_RATE),
                2.5e6,
                1.3e6,
                -24.1,
                "the rate of device->edge fell from 2.50 to 1.31 MB/s"),
            new Evidence(
                "E2",
                new SeriesKey(ComponentId.of(EDGE), Metric.SLOWDOWN),
                1.02,
                1.03,
                0.4,
                "edge computes as declared"),
            new Evidence(
                "E3",
                new SeriesKey(ComponentId.JOB, Metric.STEP_SECONDS),
                0.080,
                0.104,
                16.2,
                "a step takes 104 ms, 80 ms when healthy"));
    return new Diagnosis(
        incident(Incident.Phase.OPEN, OPENED, 0.84),
        0,
        List.of(
            new RankedCause(UPLINK, Cause.UPLINK_FADE, 0.93, List.of("E1", "E3")),
            new RankedCause(ComponentId.of(EDGE), Cause.NODE_SLOWDOWN, 0.04, List.of("E2"))),
        evidence,
        "The uplink device->edge is fading: its rate fell by 48 % [E1] and the step time follows"
            + " [E3]. The edge computes as declared [E2], so it is not the cause. No language model"
            + " took part in this explanation.",
        "statistics");
  }
}
