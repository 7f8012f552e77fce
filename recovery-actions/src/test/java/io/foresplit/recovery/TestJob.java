package io.foresplit.recovery;

import io.foresplit.contract.Cause;
import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Conditions;
import io.foresplit.contract.Diagnosis;
import io.foresplit.contract.Incident;
import io.foresplit.contract.IncidentId;
import io.foresplit.contract.IntervalTick;
import io.foresplit.contract.JobId;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.LayerProfile;
import io.foresplit.contract.LinkCondition;
import io.foresplit.contract.LinkSpec;
import io.foresplit.contract.Metric;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.NodeSpec;
import io.foresplit.contract.Objective;
import io.foresplit.contract.ObjectiveId;
import io.foresplit.contract.Placement;
import io.foresplit.contract.RankedCause;
import io.foresplit.contract.Reasoning;
import io.foresplit.contract.RecoveryAction;
import io.foresplit.contract.Severity;
import io.foresplit.contract.SplitTopology;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** A job of seven layers on device, edge and cloud; its uplink can fade. */
public final class TestJob {
  public static final JobId ID = new JobId("main");
  public static final NodeId DEVICE = new NodeId("device");
  public static final NodeId EDGE = new NodeId("edge");
  public static final NodeId CLOUD = new NodeId("cloud");
  public static final ComponentId UPLINK = ComponentId.link(DEVICE, EDGE);
  public static final IncidentId INCIDENT = new IncidentId("inc-1");
  public static final Duration INTERVAL = Duration.ofMillis(500);
  public static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  public static final double BOUND = 0.30;

  private static final long[] OUTPUT = {400_000, 200_000, 100_000, 50_000, 20_000, 10_000, 1_000};

  public static final JobSpec SPEC =
      new JobSpec(
          ID,
          "cnn",
          64,
          INTERVAL,
          IntStream.range(0, OUTPUT.length)
              .mapToObj(i -> new LayerProfile("layer" + i, 0.01, 0.02, OUTPUT[i], 20_000))
              .toList(),
          List.of(new NodeSpec(DEVICE, 1), new NodeSpec(EDGE, 4), new NodeSpec(CLOUD, 16)),
          List.of(
              new LinkSpec(DEVICE, EDGE, 4e6, 0.005),
              new LinkSpec(EDGE, DEVICE, 4e6, 0.005),
              new LinkSpec(EDGE, CLOUD, 10e6, 0.010),
              new LinkSpec(CLOUD, EDGE, 10e6, 0.010)),
          DEVICE,
          List.of(EDGE, CLOUD),
          1,
          List.of(
              new Objective(
                  new ObjectiveId("step-time"),
                  Metric.STEP_SECONDS,
                  BOUND,
                  Duration.ofSeconds(2),
                  Severity.CRITICAL)));

  public static final Conditions HEALTHY = SPEC.declaredConditions();
  public static final Placement INITIAL = new StepTimePlanner().best(SPEC, HEALTHY);

  private TestJob() {}

  /** The uplink at a share of its declared rate. */
  public static Conditions uplink(double share) {
    return HEALTHY.withLink(UPLINK, new LinkCondition(4e6 * share, 0.005));
  }

  public static Instant end(long interval) {
    return START.plus(INTERVAL.multipliedBy(interval + 1));
  }

  /** Device to layer a, edge to layer b, cloud for the rest. */
  public static Placement cuts(int a, int b) {
    return Placement.ofCuts(List.of(DEVICE, EDGE, CLOUD), OUTPUT.length, List.of(a, b));
  }

  public static IntervalTick tick(long interval, long epoch) {
    return new IntervalTick(ID, interval, epoch, end(interval), INTERVAL, List.of());
  }

  public static SplitTopology topology(long epoch, Placement placement) {
    return new SplitTopology(SPEC, epoch, placement, START);
  }

  /** A sure uplink fade. */
  public static Diagnosis fade(long interval, int revision, Conditions now, Conditions expected) {
    return diagnosis(interval, revision, UPLINK, Cause.UPLINK_FADE, 0.9, now, expected);
  }

  public static Diagnosis diagnosis(
      long interval,
      int revision,
      ComponentId component,
      Cause cause,
      double probability,
      Conditions now,
      Conditions expected) {
    return new Diagnosis(
        incident(Incident.Phase.OPEN, interval, List.of(), now, expected),
        revision,
        List.of(new RankedCause(component, cause, probability, List.of())),
        List.of(),
        "explained",
        "statistics");
  }

  /** The revision of a diagnosis in which a language model recommends actions. */
  public static Diagnosis recommending(Diagnosis diagnosis, RecoveryAction... actions) {
    List<Reasoning.Recommendation> recommendations =
        Stream.of(actions).map(action -> new Reasoning.Recommendation(action, "so")).toList();
    return new Diagnosis(
        diagnosis.incident(),
        diagnosis.revision() + 1,
        diagnosis.ranked(),
        diagnosis.evidence(),
        diagnosis.explanation(),
        "statistics+llm:fake",
        Optional.of(new Reasoning("fake", List.of(), recommendations, "")));
  }

  public static Incident incident(
      Incident.Phase phase,
      long interval,
      List<NodeId> silent,
      Conditions now,
      Conditions expected) {
    return new Incident(
        INCIDENT, ID, phase, interval, 0, 0, end(interval), 0, List.of(), silent, now, expected);
  }
}
