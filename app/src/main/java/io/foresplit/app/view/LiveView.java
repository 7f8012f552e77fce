package io.foresplit.app.view;

import io.foresplit.app.view.ViewEvent.Name;
import io.foresplit.contract.ActionOutcome;
import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Diagnosis;
import io.foresplit.contract.Forecast;
import io.foresplit.contract.Incident;
import io.foresplit.contract.IncidentId;
import io.foresplit.contract.IntervalTick;
import io.foresplit.contract.JobId;
import io.foresplit.contract.JobRecord;
import io.foresplit.contract.JournalEntry;
import io.foresplit.contract.MetricHistory;
import io.foresplit.contract.MetricWindow;
import io.foresplit.contract.SegmentMetrics;
import io.foresplit.contract.SeriesKey;
import io.foresplit.contract.SplitTopology;
import io.foresplit.diagnoser.chat.IncidentFacts;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/**
 * What people see: the recent past of every job in bounded memory, as snapshots, and events as it
 * changes. Thread-safe.
 */
public final class LiveView implements RecordSink, MetricHistory {
  private static final int JOBS = 32;

  private final Recent<JobId, JobView> jobs = new Recent<>(JOBS);
  private final List<Consumer<ViewEvent>> listeners = new CopyOnWriteArrayList<>();

  @Override
  public synchronized void on(JobRecord record) {
    JobView job = job(record.jobId());
    if (record instanceof SplitTopology topology) {
      job.on(topology);
      publish(Name.STATE, job.state(jobIds()));
    } else if (record instanceof SegmentMetrics metrics) {
      job.on(metrics);
    } else if (record instanceof IntervalTick tick) {
      publish(Name.TICK, job.on(tick));
    }
  }

  @Override
  public synchronized void on(Forecast forecast) {
    jobs.keySet().stream().findFirst().ifPresent(first -> on(first, forecast));
  }

  @Override
  public synchronized void on(JobId job, Forecast forecast) {
    ForecastView view = job(job).on(forecast);
    if (forecast.series().component().equals(ComponentId.JOB)) {
      publish(Name.FORECAST, view);
    }
  }

  @Override
  public synchronized void on(Incident incident) {
    publish(Name.INCIDENT, job(incident.job()).on(incident));
  }

  @Override
  public synchronized void on(Diagnosis diagnosis) {
    publish(Name.DIAGNOSIS, job(diagnosis.incident().job()).on(diagnosis));
  }

  @Override
  public synchronized void on(JournalEntry entry) {
    job(entry.job()).on(entry).ifPresent(action -> publish(Name.ACTION, action));
  }

  @Override
  public synchronized void on(ActionOutcome outcome) {
    job(outcome.plan().job()).on(outcome).ifPresent(action -> publish(Name.ACTION, action));
  }

  /**
   * Calls the listener with each event from now on, on the feeding thread: it must not block.
   *
   * @return ends it
   */
  public Runnable subscribe(Consumer<ViewEvent> listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }

  /** The job asked for, or the one that was heard of first; empty when there is none. */
  public synchronized Optional<StateView> state(Optional<JobId> job) {
    return find(job).map(j -> j.state(jobIds()));
  }

  public synchronized Optional<SeriesView> series(Optional<JobId> job, SeriesKey series, int last) {
    return find(job).map(j -> j.series(series, last));
  }

  /** Newest first. */
  public synchronized List<IncidentView> incidents(Optional<JobId> job) {
    return find(job).map(JobView::incidents).orElse(List.of());
  }

  public synchronized Optional<IncidentView> incident(IncidentId incident) {
    return jobs.values().stream()
        .map(j -> j.incident(incident))
        .flatMap(Optional::stream)
        .findFirst();
  }

  /** What a conversation about an incident may speak of; its history goes on as the view does. */
  public synchronized Optional<IncidentFacts> facts(IncidentId incident) {
    return jobs.values().stream()
        .map(j -> j.facts(incident, this))
        .flatMap(Optional::stream)
        .findFirst();
  }

  @Override
  public synchronized Set<SeriesKey> series(JobId job) {
    return find(Optional.of(job)).map(JobView::series).orElse(Set.of());
  }

  @Override
  public synchronized MetricWindow window(JobId job, SeriesKey series, long last, int length) {
    return find(Optional.of(job))
        .map(j -> j.window(series, last, length))
        .orElseGet(() -> new JobView(job).window(series, last, length));
  }

  /** Newest first. */
  public synchronized List<ActionView> actions(Optional<JobId> job) {
    return find(job).map(JobView::actions).orElse(List.of());
  }

  private JobView job(JobId id) {
    return Objects.requireNonNull(jobs.computeIfAbsent(id, JobView::new));
  }

  private Optional<JobView> find(Optional<JobId> id) {
    return id.isPresent()
        ? Optional.ofNullable(jobs.get(id.get()))
        : jobs.values().stream().findFirst();
  }

  private List<String> jobIds() {
    return jobs.keySet().stream().map(JobId::value).toList();
  }

  private void publish(Name name, Object body) {
    ViewEvent event = new ViewEvent(name, body);
    listeners.forEach(listener -> listener.accept(event));
  }
}
