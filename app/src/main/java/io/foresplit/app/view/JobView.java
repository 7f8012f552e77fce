package io.foresplit.app.view;

import io.foresplit.contract.ActionOutcome;
import io.foresplit.contract.BreachRisk;
import io.foresplit.contract.Diagnosis;
import io.foresplit.contract.Forecast;
import io.foresplit.contract.Incident;
import io.foresplit.contract.IncidentId;
import io.foresplit.contract.IntervalTick;
import io.foresplit.contract.JobId;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.JournalEntry;
import io.foresplit.contract.MetricHistory;
import io.foresplit.contract.MetricSample;
import io.foresplit.contract.MetricWindow;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.NodeSpec;
import io.foresplit.contract.Objective;
import io.foresplit.contract.SegmentMetrics;
import io.foresplit.contract.SeriesKey;
import io.foresplit.contract.SplitTopology;
import io.foresplit.diagnoser.chat.IncidentFacts;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The bounded view of one job. Not thread-safe. */
final class JobView {
  static final int POINTS = 2_400;
  private static final int SERIES = 512;
  private static final int INCIDENTS = 200;
  private static final int DIAGNOSES_PER_INCIDENT = 20;
  private static final int TOPOLOGIES = 64;

  private record Point(long interval, double value) {}

  /**
   * An incident.
   *
   * @param trouble its last record before it was resolved, if there was one
   */
  private record Opened(Incident last, Incident trouble, long openedAt, List<Diagnosis> diagnoses) {
    static Opened first(Incident incident) {
      return new Opened(incident, incident, incident.at().toEpochMilli(), new ArrayList<>());
    }

    Opened then(Incident incident) {
      return new Opened(
          incident,
          incident.phase() == Incident.Phase.RESOLVED ? trouble : incident,
          Math.min(openedAt, incident.at().toEpochMilli()),
          diagnoses);
    }
  }

  private final JobId id;
  private final Recent<SeriesKey, Deque<Point>> series = new Recent<>(SERIES);
  private final Recent<SeriesKey, Forecast> forecasts = new Recent<>(SERIES);
  private final Recent<IncidentId, Opened> incidents = new Recent<>(INCIDENTS);
  private final ActionLog actions = new ActionLog();
  private final TreeMap<Long, SplitTopology> topologies = new TreeMap<>();
  private @Nullable SplitTopology topology;
  private @Nullable IntervalTick tick;
  private long steps;

  JobView(JobId id) {
    this.id = id;
  }

  void on(SplitTopology announced) {
    // a job that began anew counts from 0 again
    topologies
        .values()
        .removeIf(t -> announced.epoch() <= t.epoch() && announced.since().isAfter(t.since()));
    topologies.putIfAbsent(announced.epoch(), announced);
    if (topologies.size() > TOPOLOGIES) {
      topologies.pollFirstEntry();
    }
    if (topology == null || !announced.since().isBefore(topology.since())) {
      topology = announced;
    }
  }

  void on(SegmentMetrics metrics) {
    steps = Math.max(steps, metrics.steps());
    for (MetricSample sample : metrics.samples()) {
      Deque<Point> points = series.computeIfAbsent(sample.series(), k -> new ArrayDeque<>());
      points.addLast(new Point(metrics.interval(), sample.value()));
      if (points.size() > POINTS) {
        points.removeFirst();
      }
    }
  }

  TickView on(IntervalTick closed) {
    tick = closed;
    Map<String, Double> values = new TreeMap<>();
    series.forEach(
        (key, points) -> {
          Point last = points.getLast();
          if (last.interval() == closed.interval()) {
            values.put(key.toString(), last.value());
          }
        });
    return new TickView(
        id.value(),
        closed.interval(),
        closed.end().toEpochMilli(),
        closed.epoch(),
        phase(),
        steps,
        closed.silent().stream().map(NodeId::value).toList(),
        values);
  }

  ForecastView on(Forecast forecast) {
    forecasts.put(forecast.series(), forecast);
    return ForecastView.of(id.value(), forecast, intervalMillis());
  }

  IncidentView on(Incident incident) {
    Opened known = incidents.get(incident.id());
    Opened now = known == null ? Opened.first(incident) : known.then(incident);
    incidents.put(incident.id(), now);
    return view(now);
  }

  DiagnosisView on(Diagnosis diagnosis) {
    if (!incidents.containsKey(diagnosis.incident().id())) {
      on(diagnosis.incident());
    }
    List<Diagnosis> diagnoses =
        Objects.requireNonNull(incidents.get(diagnosis.incident().id())).diagnoses();
    // a model's words on an older record come late, and must not take the place of a newer one
    diagnoses.removeIf(
        d ->
            d.incident().interval() == diagnosis.incident().interval()
                && d.revision() == diagnosis.revision());
    diagnoses.add(diagnosis);
    diagnoses.sort(
        Comparator.comparingLong((Diagnosis d) -> d.incident().interval())
            .thenComparingInt(Diagnosis::revision));
    if (diagnoses.size() > DIAGNOSES_PER_INCIDENT) {
      diagnoses.remove(0);
    }
    return DiagnosisView.of(diagnosis);
  }

  Optional<ActionView> on(JournalEntry entry) {
    return actions.on(entry);
  }

  Optional<ActionView> on(ActionOutcome outcome) {
    return actions.on(outcome, (outcome.interval() + 1) * intervalMillis());
  }

  List<IncidentView> incidents() {
    List<IncidentView> views = new ArrayList<>();
    incidents.values().forEach(i -> views.add(0, view(i)));
    return views;
  }

  Optional<IncidentView> incident(IncidentId incident) {
    return Optional.ofNullable(incidents.get(incident)).map(this::view);
  }

  /** Newest first. */
  List<ActionView> actions() {
    List<ActionView> views = new ArrayList<>();
    actions.all().forEach(a -> views.add(0, a));
    return views;
  }

  private IncidentView view(Opened opened) {
    return IncidentView.of(
        opened.last(),
        opened.openedAt(),
        intervalMillis(),
        opened.diagnoses().stream().map(DiagnosisView::of).toList(),
        actions.of(opened.last().id()));
  }

  /** What a conversation about an incident may speak of. */
  Optional<IncidentFacts> facts(IncidentId incident, MetricHistory history) {
    return Optional.ofNullable(incidents.get(incident))
        .map(
            opened ->
                new IncidentFacts(
                    opened.last(),
                    opened.trouble(),
                    Duration.ofMillis(intervalMillis()),
                    tick == null ? opened.last().interval() : tick.interval(),
                    opened.diagnoses(),
                    actions.journal(incident),
                    List.copyOf(topologies.values()),
                    List.copyOf(forecasts.values()),
                    history));
  }

  Set<SeriesKey> series() {
    return Set.copyOf(series.keySet());
  }

  /** Gaps are NaN, and so is what is no longer held. */
  MetricWindow window(SeriesKey key, long last, int length) {
    double[] values = new double[length];
    Arrays.fill(values, Double.NaN);
    for (Point point : series.getOrDefault(key, new ArrayDeque<>())) {
      long at = point.interval() - (last - length + 1);
      if (at >= 0 && at < length) {
        values[(int) at] = point.value();
      }
    }
    Instant end = Instant.ofEpochMilli((last + 1) * intervalMillis());
    long epoch =
        topologies.values().stream()
            .filter(known -> !known.since().isAfter(end))
            .mapToLong(SplitTopology::epoch)
            .max()
            .orElse(-1);
    return new MetricWindow(key, last, epoch, values);
  }

  SeriesView series(SeriesKey key, int last) {
    Deque<Point> points = series.getOrDefault(key, new ArrayDeque<>());
    List<Point> tail = points.stream().skip(Math.max(0, points.size() - last)).toList();
    return new SeriesView(
        id.value(),
        key.component().value(),
        key.metric().name(),
        key.metric().unit(),
        tail.stream().map(p -> (p.interval() + 1) * intervalMillis()).toList(),
        tail.stream().map(Point::value).toList());
  }

  StateView state(List<String> jobs) {
    Map<String, Double> latest = new TreeMap<>();
    series.forEach((key, points) -> latest.put(key.toString(), points.getLast().value()));
    Optional<Opened> open = open();
    SplitTopology known = topology;
    JobSpec job = known == null ? null : known.job();
    return new StateView(
        jobs,
        id.value(),
        job == null ? "" : job.model(),
        intervalMillis() / 1e3,
        phase(),
        known == null ? -1 : known.epoch(),
        known == null ? "" : known.placement().describe(),
        tick == null ? -1 : tick.interval(),
        tick == null ? 0 : tick.end().toEpochMilli(),
        steps,
        known == null
            ? List.of()
            : known.job().participants().stream().map(n -> node(known, n)).toList(),
        job == null
            ? List.of()
            : job.links().stream()
                .map(
                    l ->
                        new StateView.Link(
                            l.id().value(),
                            l.from().value(),
                            l.to().value(),
                            l.bytesPerSecond(),
                            l.delaySeconds()))
                .toList(),
        job == null ? List.of() : job.objectives().stream().map(o -> goal(o, open)).toList(),
        latest,
        forecasts.values().stream()
            .map(f -> ForecastView.of(id.value(), f, intervalMillis()))
            .toList(),
        open.map(o -> o.last().id().value()).orElse(null),
        open.flatMap(JobView::blamed).orElse(null));
  }

  private StateView.Node node(SplitTopology known, NodeSpec node) {
    List<NodeId> nodeOfLayer = known.placement().nodeOfLayer();
    return new StateView.Node(
        node.id().value(),
        node.speed(),
        known.job().dataOwner().equals(node.id()),
        known.job().labelHolders().contains(node.id()),
        tick != null && tick.silent().contains(node.id()),
        IntStream.range(0, nodeOfLayer.size())
            .filter(i -> nodeOfLayer.get(i).equals(node.id()))
            .mapToObj(i -> new StateView.Layer(i, known.job().layers().get(i).name()))
            .toList());
  }

  private static StateView.Goal goal(Objective objective, Optional<Opened> open) {
    Optional<BreachRisk> risk =
        open.stream()
            .flatMap(o -> o.last().risks().stream())
            .filter(r -> r.objective().equals(objective.id()))
            .findFirst();
    return new StateView.Goal(
        objective.id().value(),
        objective.metric().name(),
        objective.bound(),
        objective.severity().name(),
        risk.map(BreachRisk::probability).orElse(0.0),
        risk.map(BreachRisk::breached).orElse(false));
  }

  private static Optional<String> blamed(Opened opened) {
    if (opened.diagnoses().isEmpty()) {
      return Optional.empty();
    }
    Diagnosis last = opened.diagnoses().get(opened.diagnoses().size() - 1);
    return last.top().map(cause -> cause.component().value());
  }

  private Optional<Opened> open() {
    return incidents.values().stream()
        .filter(i -> i.last().phase() != Incident.Phase.RESOLVED)
        .reduce((first, second) -> second);
  }

  private Phase phase() {
    if (tick == null) {
      return Phase.WAITING;
    }
    for (ActionView action : actions.all()) {
      if (action.isMove() && action.state() == ActionView.State.INTENDED) {
        return Phase.MOVING;
      }
    }
    for (ActionView action : actions.all()) {
      if (action.isMove() && action.state() == ActionView.State.EXECUTED) {
        return Phase.VERIFYING;
      }
    }
    return open()
        .map(
            o ->
                o.last().risks().stream().anyMatch(BreachRisk::breached)
                    ? Phase.BREACHED
                    : Phase.AT_RISK)
        .orElse(Phase.HEALTHY);
  }

  private long intervalMillis() {
    if (tick != null) {
      return tick.length().toMillis();
    }
    return topology == null ? 1_000 : topology.job().interval().toMillis();
  }
}
