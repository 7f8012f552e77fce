package io.foresplit.diagnoser.chat;

import static io.foresplit.contract.Fixtures.EDGE;
import static io.foresplit.contract.Fixtures.JOB;
import static io.foresplit.contract.Fixtures.UPLINK;

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
import io.foresplit.contract.Fixtures;
import io.foresplit.contract.Forecast;
import io.foresplit.contract.Incident;
import io.foresplit.contract.IncidentId;
import io.foresplit.contract.JobId;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.JournalEntry;
import io.foresplit.contract.LinkCondition;
import io.foresplit.contract.LinkSpec;
import io.foresplit.contract.Metric;
import io.foresplit.contract.MetricHistory;
import io.foresplit.contract.MetricWindow;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.ObjectiveId;
import io.foresplit.contract.Placement;
import io.foresplit.contract.RankedCause;
import io.foresplit.contract.RecoveryAction;
import io.foresplit.contract.RecoveryPlan;
import io.foresplit.contract.SeriesKey;
import io.foresplit.contract.SplitTopology;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** A fading uplink as it is recorded: onset at interval 100, incident at 124, moved at 128. */
public final class RecordedIncident {
  static final long ONSET = 100;
  static final long OPENED = 124;
  static final Instant AT = Instant.parse("2026-01-01T12:01:02Z");
  static final SeriesKey RATE = new SeriesKey(UPLINK, Metric.LINK_RATE);
  static final SeriesKey STEP = new SeriesKey(ComponentId.JOB, Metric.STEP_SECONDS);
  static final Placement AFTER =
      Placement.ofCuts(List.of(Fixtures.DEVICE, EDGE, Fixtures.CLOUD), 7, List.of(4, 4));

  private static final Duration INTERVAL = Duration.ofMillis(500);

  private final JobSpec job;
  private final List<Diagnosis> diagnoses = new ArrayList<>();
  private final List<JournalEntry> journal = new ArrayList<>();
  private final List<SplitTopology> topologies = new ArrayList<>();
  private final List<Forecast> forecasts = new ArrayList<>();
  private Incident incident;

  /** Opened, and nothing else is known of it. */
  public RecordedIncident() {
    this(Fixtures.lenetJob());
  }

  RecordedIncident(JobSpec job) {
    this.job = job;
    incident = incident(Incident.Phase.OPEN, OPENED);
  }

  /** With everything that can be recorded of it, up to its end. */
  public static RecordedIncident whole() {
    return new RecordedIncident().placed().diagnosed().forecast().moved().helped().resolved();
  }

  public RecordedIncident placed() {
    topologies.add(new SplitTopology(job, 0, Fixtures.placement(), AT.minusSeconds(62)));
    return this;
  }

  RecordedIncident diagnosed() {
    return diagnosed(
        diagnosis(
            List.of(
                new RankedCause(UPLINK, Cause.UPLINK_FADE, 0.93, List.of("E1", "E3")),
                new RankedCause(ComponentId.of(EDGE), Cause.NODE_SLOWDOWN, 0.06, List.of("E2"))),
            facts("edge computes as declared")));
  }

  public RecordedIncident diagnosed(Diagnosis diagnosis) {
    diagnoses.add(diagnosis);
    return this;
  }

  public Diagnosis diagnosis(List<RankedCause> ranked, List<Evidence> evidence) {
    return new Diagnosis(incident, diagnoses.size(), ranked, evidence, "Because.", "statistics");
  }

  public static List<Evidence> facts(String second) {
    return List.of(
        new Evidence(
            "E1", RATE, 5e6, 1.3e6, -24, "rate of device->edge fell from 5.00 MB/s to 1.30 MB/s"),
        new Evidence(
            "E2", new SeriesKey(ComponentId.of(EDGE), Metric.SLOWDOWN), 1.02, 1.03, 0.4, second),
        new Evidence(
            "E3",
            STEP,
            0.21,
            0.4,
            14,
            "the step time model predicts 400 ms a step under the forecast conditions"));
  }

  RecordedIncident forecast() {
    forecasts.add(
        new Forecast(
            STEP,
            OPENED,
            0,
            List.of(0.1, 0.5, 0.9),
            Stream.of(0.30, 0.36, 0.44)
                .map(v -> IntStream.range(0, 20).mapToObj(h -> v + 0.001 * h).toList())
                .toList(),
            "damped-holt/1"));
    return this;
  }

  RecordedIncident moved() {
    journal.add(new JournalEntry.Intended(JOB, AT.plusSeconds(1), plan()));
    journal.add(new JournalEntry.Executed(JOB, AT.plusSeconds(2), plan().actionId(), 1, 312));
    topologies.add(new SplitTopology(job, 1, AFTER, AT.plusSeconds(2)));
    return this;
  }

  RecordedIncident helped() {
    ActionOutcome outcome =
        new ActionOutcome(
            plan(), ActionOutcome.Result.HELPED, OPENED + 20, 312, 0.31, 0.22, "as predicted");
    return add(new JournalEntry.Closed(JOB, AT.plusSeconds(10), plan().actionId(), outcome));
  }

  RecordedIncident add(JournalEntry entry) {
    journal.add(entry);
    return this;
  }

  RecordedIncident resolved() {
    incident = incident(Incident.Phase.RESOLVED, OPENED + 40);
    return this;
  }

  RecoveryPlan plan() {
    return new RecoveryPlan(
        new ActionId("action-1"),
        JOB,
        incident.id(),
        0,
        OPENED,
        new RecoveryAction.MoveLayers(Fixtures.placement(), AFTER),
        0.4,
        0.21,
        "it sends fewer bytes over device->edge");
  }

  private Incident incident(Incident.Phase phase, long interval) {
    Conditions healthy = job.declaredConditions();
    boolean over = phase == Incident.Phase.RESOLVED;
    return new Incident(
        new IncidentId("incident-1"),
        JOB,
        phase,
        interval,
        OPENED,
        ONSET,
        AT.plus(INTERVAL.multipliedBy(interval - OPENED)),
        0,
        List.of(
            new BreachRisk(
                new ObjectiveId("step-time"),
                over ? 0.01 : 0.84,
                OPENED + 4,
                OPENED + 8,
                -1,
                0.31,
                false)),
        List.of(),
        over ? healthy : healthy.withLink(job.links().get(0).id(), new LinkCondition(1.3e6, .005)),
        over ? healthy : healthy.withLink(job.links().get(0).id(), new LinkCondition(0.9e6, .005)),
        new Degradation(DegradationKind.COMMUNICATION, 0.97, "kinds/1a2b3c4d"));
  }

  Incident incident() {
    return incident;
  }

  public IncidentFacts facts() {
    return new IncidentFacts(
        incident,
        incident(Incident.Phase.OPEN, OPENED),
        INTERVAL,
        incident.interval() + 2,
        diagnoses,
        journal,
        topologies,
        forecasts,
        new History(job));
  }

  /** Rates are 4 % below what is declared, and the uplink's falls at the onset. */
  private record History(JobSpec job) implements MetricHistory {
    @Override
    public Set<SeriesKey> series(JobId asked) {
      return Set.of(RATE, STEP, new SeriesKey(ComponentId.of(EDGE), Metric.SLOWDOWN));
    }

    @Override
    public MetricWindow window(JobId asked, SeriesKey series, long last, int length) {
      double[] values = new double[length];
      Arrays.setAll(values, i -> value(series, last - length + 1 + i));
      return new MetricWindow(series, last, 0, values);
    }

    private double value(SeriesKey series, long interval) {
      if (interval < 0 || interval > OPENED + 42) {
        return Double.NaN;
      }
      return switch (series.metric()) {
        case LINK_RATE ->
            job.links().stream()
                .filter(link -> link.id().equals(series.component()))
                .mapToDouble(LinkSpec::bytesPerSecond)
                .map(rate -> series.equals(RATE) && interval >= ONSET ? 1.3e6 : 0.96 * rate)
                .findFirst()
                .orElse(Double.NaN);
        case STEP_SECONDS -> interval < ONSET ? 0.21 : 0.31;
        case SLOWDOWN -> series.component().from().equals(new NodeId("edge")) ? 1.02 : Double.NaN;
        default -> Double.NaN;
      };
    }
  }
}
