package io.foresplit.app.demo;

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
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** Records what the topics said during a run. Thread-safe. */
final class RunRecorder implements RecordSink {
  /**
   * One closed interval; NaN for what was not measured.
   *
   * @param steps steps the data owner committed since training began, or -1
   */
  record Interval(Instant end, long epoch, double stepSeconds, double loss, long steps) {}

  private final TreeMap<Long, Interval> open = new TreeMap<>();
  private final TreeMap<Long, Interval> intervals = new TreeMap<>();
  private final List<Incident> incidents = new ArrayList<>();
  private final List<Diagnosis> diagnoses = new ArrayList<>();
  private final List<JournalEntry> journal = new ArrayList<>();
  private final List<ActionOutcome> outcomes = new ArrayList<>();
  private double forecastStepSeconds = Double.NaN;
  private String forecaster = "";

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
    incidents.add(incident);
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

  synchronized List<Interval> intervals() {
    return List.copyOf(intervals.values());
  }

  synchronized List<Incident> incidents() {
    return List.copyOf(incidents);
  }

  synchronized List<Diagnosis> diagnoses() {
    return List.copyOf(diagnoses);
  }

  synchronized List<JournalEntry> journal() {
    return List.copyOf(journal);
  }

  synchronized List<ActionOutcome> outcomes() {
    return List.copyOf(outcomes);
  }

  synchronized double forecastStepSeconds() {
    return forecastStepSeconds;
  }

  synchronized String forecaster() {
    return forecaster;
  }
}
