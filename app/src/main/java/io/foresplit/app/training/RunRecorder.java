package io.foresplit.app.training;

import io.foresplit.app.view.RecordSink;
import io.foresplit.contract.ActionOutcome;
import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Diagnosis;
import io.foresplit.contract.Forecast;
import io.foresplit.contract.Incident;
import io.foresplit.contract.IntervalTick;
import io.foresplit.contract.JobRecord;
import io.foresplit.contract.JournalEntry;
import io.foresplit.contract.Metric;
import io.foresplit.contract.SegmentMetrics;
import io.foresplit.contract.SplitTopology;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Records what the topics said during a run. Thread-safe. */
public final class RunRecorder implements RecordSink {
  /**
   * One closed interval; NaN for what was not measured.
   *
   * @param steps steps the data owner committed since training began, or -1
   */
  public record Interval(Instant end, long epoch, double stepSeconds, double loss, long steps) {}

  /** An incident, and when the topic told of it. */
  public record Heard(Incident incident, Instant at) {}

  private final TreeMap<Long, Interval> open = new TreeMap<>();
  private final TreeMap<Long, Interval> intervals = new TreeMap<>();
  private final InstantSource clock;
  private final List<Heard> incidents = new ArrayList<>();
  private final Map<Long, Instant> epochs = new HashMap<>();
  private final List<Diagnosis> diagnoses = new ArrayList<>();
  private final List<JournalEntry> journal = new ArrayList<>();
  private final List<ActionOutcome> outcomes = new ArrayList<>();
  private double forecastStepSeconds = Double.NaN;
  private String forecaster = "";

  /**
   * @param clock tells when something was heard
   */
  public RunRecorder(InstantSource clock) {
    this.clock = clock;
  }

  @Override
  public synchronized void on(JobRecord record) {
    if (record instanceof SegmentMetrics metrics) {
      Interval before =
          open.getOrDefault(
              metrics.interval(), new Interval(Instant.EPOCH, 0, Double.NaN, Double.NaN, -1));
      double step = value(metrics, Metric.STEP_SECONDS, before.stepSeconds());
      boolean owner = has(metrics, Metric.STEPS_PER_SECOND) || has(metrics, Metric.STEP_SECONDS);
      open.put(
          metrics.interval(),
          new Interval(
              Instant.EPOCH,
              metrics.epoch(),
              step,
              value(metrics, Metric.LOSS, before.loss()),
              owner ? metrics.steps() : before.steps()));
    } else if (record instanceof IntervalTick tick) {
      Interval seen = open.remove(tick.interval());
      open.headMap(tick.interval()).clear();
      intervals.put(
          tick.interval(),
          seen == null
              ? new Interval(tick.end(), tick.epoch(), Double.NaN, Double.NaN, -1)
              : new Interval(
                  tick.end(), tick.epoch(), seen.stepSeconds(), seen.loss(), seen.steps()));
    } else if (record instanceof SplitTopology topology) {
      epochs.putIfAbsent(topology.epoch(), topology.since());
    }
  }

  private static boolean has(SegmentMetrics metrics, Metric metric) {
    return metrics.samples().stream().anyMatch(s -> s.metric() == metric);
  }

  private static double value(SegmentMetrics metrics, Metric metric, double otherwise) {
    return metrics.samples().stream()
        .filter(s -> s.metric() == metric && s.component().equals(ComponentId.JOB))
        .mapToDouble(s -> s.value())
        .findFirst()
        .orElse(otherwise);
  }

  @Override
  public synchronized void on(Forecast forecast) {
    if (forecast.series().metric() == Metric.STEP_SECONDS) {
      forecastStepSeconds = forecast.median(forecast.horizon() - 1);
      forecaster = forecast.forecaster();
    }
  }

  @Override
  public synchronized void on(Incident incident) {
    incidents.add(new Heard(incident, clock.instant()));
  }

  @Override
  public synchronized void on(Diagnosis diagnosis) {
    diagnoses.add(diagnosis);
  }

  @Override
  public synchronized void on(JournalEntry entry) {
    journal.add(entry);
  }

  @Override
  public synchronized void on(ActionOutcome outcome) {
    outcomes.add(outcome);
  }

  public synchronized List<Interval> intervals() {
    return List.copyOf(intervals.values());
  }

  public synchronized List<Incident> incidents() {
    return incidents.stream().map(Heard::incident).toList();
  }

  /** The same, with when they were told. */
  public synchronized List<Heard> heard() {
    return List.copyOf(incidents);
  }

  /** When a topology epoch came into force; empty when no announcement of it was heard. */
  public synchronized Optional<Instant> since(long epoch) {
    return Optional.ofNullable(epochs.get(epoch));
  }

  public synchronized List<Diagnosis> diagnoses() {
    return List.copyOf(diagnoses);
  }

  public synchronized List<JournalEntry> journal() {
    return List.copyOf(journal);
  }

  public synchronized List<ActionOutcome> outcomes() {
    return List.copyOf(outcomes);
  }

  public synchronized double forecastStepSeconds() {
    return forecastStepSeconds;
  }

  public synchronized String forecaster() {
    return forecaster;
  }
}
