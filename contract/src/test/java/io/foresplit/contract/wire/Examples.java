package io.foresplit.contract.wire;

import io.foresplit.contract.ActionId;
import io.foresplit.contract.ActionOutcome;
import io.foresplit.contract.BreachRisk;
import io.foresplit.contract.Cause;
import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Degradation;
import io.foresplit.contract.DegradationKind;
import io.foresplit.contract.Diagnosis;
import io.foresplit.contract.Evidence;
import io.foresplit.contract.Fixtures;
import io.foresplit.contract.Forecast;
import io.foresplit.contract.ForecastPace;
import io.foresplit.contract.Incident;
import io.foresplit.contract.IncidentId;
import io.foresplit.contract.IntervalTick;
import io.foresplit.contract.JournalEntry;
import io.foresplit.contract.LinkCondition;
import io.foresplit.contract.Metric;
import io.foresplit.contract.MetricSample;
import io.foresplit.contract.ObjectiveId;
import io.foresplit.contract.OperatorCommand;
import io.foresplit.contract.Placement;
import io.foresplit.contract.RankedCause;
import io.foresplit.contract.Reasoning;
import io.foresplit.contract.RecoveryAction;
import io.foresplit.contract.RecoveryPlan;
import io.foresplit.contract.Rejection;
import io.foresplit.contract.SegmentMetrics;
import io.foresplit.contract.SegmentReport;
import io.foresplit.contract.SeriesKey;
import io.foresplit.contract.SplitTopology;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One value of each record type, by the name of its golden file. Never change one: add. */
final class Examples {
  private static final Instant AT = Instant.parse("2026-01-01T00:00:01.234Z");
  private static final ActionId ACTION = new ActionId("demo-i1-a1");

  private Examples() {}

  /** A value with its codec. */
  record Example<T>(Codec<T> codec, T value) {
    byte[] bytes() {
      return codec.encode(value);
    }

    Object decoded(byte[] bytes) throws MalformedRecordException {
      return codec.decode(bytes);
    }
  }

  static Map<String, Example<?>> all() {
    Map<String, Example<?>> all = new LinkedHashMap<>();
    all.put("segment-report", new Example<>(Codecs.SEGMENT_REPORT, report()));
    all.put("topology", new Example<>(Codecs.TOPOLOGY, Fixtures.topology(3)));
    all.put("topology-versions", new Example<>(Codecs.TOPOLOGY, versioned()));
    all.put("job-record-topology", new Example<>(Codecs.JOB_RECORD, Fixtures.topology()));
    all.put(
        "job-record-metrics",
        new Example<>(
            Codecs.JOB_RECORD,
            new SegmentMetrics(Fixtures.JOB, Fixtures.EDGE, 3, 77, 1234, samples())));
    all.put(
        "job-record-tick",
        new Example<>(
            Codecs.JOB_RECORD,
            new IntervalTick(
                Fixtures.JOB, 77, 3, AT, Duration.ofMillis(500), List.of(Fixtures.CLOUD))));
    all.put(
        "job-record-pace",
        new Example<>(Codecs.JOB_RECORD, new ForecastPace(Fixtures.JOB, 77, 16)));
    all.put(
        "rejection",
        new Example<>(
            Codecs.REJECTION,
            new Rejection(
                Rejection.Code.MALFORMED,
                "segment report: too short",
                1,
                99,
                "raw".getBytes(StandardCharsets.UTF_8))));
    all.put("forecast", new Example<>(Codecs.FORECAST, forecast()));
    all.put("incident", new Example<>(Codecs.INCIDENT, incident()));
    all.put(
        "incident-of-a-kind",
        new Example<>(
            Codecs.INCIDENT,
            incident()
                .withDegradation(
                    new Degradation(DegradationKind.COMMUNICATION, 0.9375, "kinds/1a2b3c4d"))));
    all.put("diagnosis", new Example<>(Codecs.DIAGNOSIS, diagnosis()));
    all.put("diagnosis-reasoned", new Example<>(Codecs.DIAGNOSIS, reasoned()));
    all.put(
        "command",
        new Example<>(
            Codecs.COMMAND,
            new OperatorCommand.SetMode(Fixtures.JOB, AT, OperatorCommand.Mode.OBSERVE)));
    all.put("outcome", new Example<>(Codecs.OUTCOME, outcome()));
    journal().forEach((name, entry) -> all.put(name, new Example<>(Codecs.JOURNAL_ENTRY, entry)));
    return all;
  }

  private static Map<String, JournalEntry> journal() {
    Map<String, JournalEntry> entries = new LinkedHashMap<>();
    entries.put("journal-lease-taken", new JournalEntry.LeaseTaken(Fixtures.JOB, AT, "service-1"));
    entries.put("journal-intended", new JournalEntry.Intended(Fixtures.JOB, AT, move()));
    entries.put(
        "journal-intended-by-model", new JournalEntry.Intended(Fixtures.JOB, AT, moveOfModel()));
    entries.put("journal-executed", new JournalEntry.Executed(Fixtures.JOB, AT, ACTION, 4, 310));
    entries.put("journal-failed", new JournalEntry.Failed(Fixtures.JOB, AT, ACTION, "no answer"));
    entries.put(
        "journal-undo-intended", new JournalEntry.UndoIntended(Fixtures.JOB, AT, ACTION, notice()));
    entries.put("journal-closed", new JournalEntry.Closed(Fixtures.JOB, AT, ACTION, outcome()));
    return entries;
  }

  static SegmentReport report() {
    return new SegmentReport(Fixtures.JOB, Fixtures.EDGE, 2, 3, 3, 77, 12, AT, 1234, samples());
  }

  private static SplitTopology versioned() {
    SplitTopology plain = Fixtures.topology(4);
    return new SplitTopology(
        Fixtures.versioned(plain.job(), Fixtures.EDGE, "1.4.2"), 4, plain.placement(), AT);
  }

  private static List<MetricSample> samples() {
    return List.of(
        new MetricSample(ComponentId.of(Fixtures.EDGE), Metric.SLOWDOWN, 1.25),
        new MetricSample(ComponentId.link(Fixtures.EDGE, Fixtures.CLOUD), Metric.LINK_RATE, 12.5e6),
        new MetricSample(ComponentId.JOB, Metric.LOSS, 0.75));
  }

  private static Forecast forecast() {
    return new Forecast(
        new SeriesKey(Fixtures.UPLINK, Metric.LINK_RATE),
        77,
        3,
        List.of(0.1, 0.5, 0.9),
        List.of(List.of(1e6, 9e5), List.of(2e6, 1.9e6), List.of(3e6, 2.9e6)),
        "damped-holt/1");
  }

  private static Incident incident() {
    return new Incident(
        new IncidentId("demo-i1"),
        Fixtures.JOB,
        Incident.Phase.OPEN,
        77,
        77,
        70,
        AT,
        3,
        List.of(new BreachRisk(new ObjectiveId("step-time"), 0.875, -1, -1, -1, 0.25, false)),
        List.of(Fixtures.CLOUD),
        Fixtures.lenetJob().declaredConditions(),
        Fixtures.lenetJob()
            .declaredConditions()
            .withLink(Fixtures.UPLINK, new LinkCondition(1e6, 0.02))
            .withSlowdown(Fixtures.EDGE, 2.5));
  }

  private static Diagnosis diagnosis() {
    return new Diagnosis(
        incident(),
        1,
        List.of(new RankedCause(Fixtures.UPLINK, Cause.UPLINK_FADE, 0.9, List.of("E1"))),
        List.of(
            new Evidence(
                "E1",
                new SeriesKey(Fixtures.UPLINK, Metric.LINK_RATE),
                5e6,
                1e6,
                -12,
                "the rate of device->edge fell to a fifth")),
        "The uplink fades (E1).",
        "statistics");
  }

  private static Diagnosis reasoned() {
    Diagnosis before = diagnosis();
    Reasoning reasoning =
        new Reasoning(
            "some-model",
            List.of(new Reasoning.Step("the rate fell to a fifth", List.of("E1"))),
            List.of(
                new Reasoning.Recommendation(move().action(), "the client sends less"),
                new Reasoning.Recommendation(notice().action(), "")),
            "a rate that recovers by itself");
    return new Diagnosis(
        before.incident(),
        2,
        before.ranked(),
        before.evidence(),
        "The uplink fades (E1).",
        "statistics+llm:some-model",
        Optional.of(reasoning));
  }

  private static RecoveryPlan move() {
    return plan(
        new RecoveryAction.MoveLayers(
            Fixtures.placement(),
            Placement.ofCuts(
                List.of(Fixtures.DEVICE, Fixtures.EDGE, Fixtures.CLOUD), 7, List.of(4, 4))));
  }

  private static RecoveryPlan moveOfModel() {
    RecoveryPlan plan = move();
    return new RecoveryPlan(
        plan.actionId(),
        plan.job(),
        plan.incident(),
        plan.epoch(),
        plan.plannedInterval(),
        plan.action(),
        plan.predictedBeforeSeconds(),
        plan.predictedAfterSeconds(),
        plan.reason(),
        RecoveryPlan.Proposer.LANGUAGE_MODEL);
  }

  private static RecoveryPlan notice() {
    return plan(new RecoveryAction.NotifyOperator("moving would not help"));
  }

  private static RecoveryPlan plan(RecoveryAction action) {
    return new RecoveryPlan(
        ACTION,
        Fixtures.JOB,
        new IncidentId("demo-i1"),
        3,
        78,
        action,
        0.5,
        0.25,
        "uplink-fade of device->edge");
  }

  private static ActionOutcome outcome() {
    return new ActionOutcome(
        move(), ActionOutcome.Result.HELPED, 99, 310, 0.5, Double.NaN, "step time halved");
  }
}
