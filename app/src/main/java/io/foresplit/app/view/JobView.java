package io.foresplit.app.view;

import io.foresplit.contract.ActionId;
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
import io.foresplit.contract.MetricSample;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.NodeSpec;
import io.foresplit.contract.Objective;
import io.foresplit.contract.SegmentMetrics;
import io.foresplit.contract.SeriesKey;
import io.foresplit.contract.SplitTopology;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The bounded view of one job. Not thread-safe. */
final class JobView {
  static final int POINTS = 2_400;
  private static final int SERIES = 512;
  private static final int EVENTS = 200;
  private static final int DIAGNOSES_PER_INCIDENT = 20;

  private record Point(long interval, double value) {}

  private record Opened(Incident last, long openedAt, List<DiagnosisView> diagnoses) {}

  private final JobId id;
  private final Recent<SeriesKey, Deque<Point>> series = new Recent<>(SERIES);
  private final Recent<SeriesKey, Forecast> forecasts = new Recent<>(SERIES);
  private final Recent<IncidentId, Opened> incidents = new Recent<>(EVENTS);
  private final Recent<ActionId, ActionView> actions = new Recent<>(EVENTS);
  private @Nullable SplitTopology topology;
  private @Nullable IntervalTick tick;
  private long steps;

  JobView(JobId id) {
    this.id = id;
  }

  void on(SplitTopology announced) {
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
    Opened now =
        known == null
            ? new Opened(incident, incident.at().toEpochMilli(), new ArrayList<>())
            : new Opened(
                incident,
                Math.min(known.openedAt(), incident.at().toEpochMilli()),
                known.diagnoses());
    incidents.put(incident.id(), now);
    return view(now);
  }

  DiagnosisView on(Diagnosis diagnosis) {
    DiagnosisView view = DiagnosisView.of(diagnosis);
    if (!incidents.containsKey(diagnosis.incident().id())) {
      on(diagnosis.incident());
    }
    List<DiagnosisView> diagnoses =
        Objects.requireNonNull(incidents.get(diagnosis.incident().id())).diagnoses();
    diagnoses.removeIf(d -> d.revision() == view.revision());
    diagnoses.add(view);
    if (diagnoses.size() > DIAGNOSES_PER_INCIDENT) {
      diagnoses.remove(0);
    }
    return view;
  }

  Optional<ActionView> on(JournalEntry entry) {
    if (entry instanceof JournalEntry.Intended intended) {
      actions.put(intended.plan().actionId(), ActionView.of(intended));
      return action(intended.plan().actionId());
    } else if (entry instanceof JournalEntry.Executed done) {
      return change(done.action(), a -> a.executed(done.at(), done.pauseMillis()));
    } else if (entry instanceof JournalEntry.Failed failed) {
      return change(failed.action(), a -> a.failed(failed.at(), failed.reason()));
    } else if (entry instanceof JournalEntry.UndoIntended undo) {
      actions.put(undo.reverse().actionId(), ActionView.planned(undo.reverse(), undo.at()));
      return change(undo.action(), ActionView::undoing);
    } else if (entry instanceof JournalEntry.Closed closed) {
      return change(
          closed.action(),
          a -> a.closed(closed.at()).ended(closed.outcome(), closed.at().toEpochMilli()));
    }
    return Optional.empty();
  }

  Optional<ActionView> on(ActionOutcome outcome) {
    long at = (outcome.interval() + 1) * intervalMillis();
    return change(outcome.plan().actionId(), a -> a.ended(outcome, at));
  }

  private Optional<ActionView> change(ActionId action, UnaryOperator<ActionView> how) {
    actions.computeIfPresent(action, (k, view) -> how.apply(view));
    return action(action);
  }

  private Optional<ActionView> action(ActionId action) {
    return Optional.ofNullable(actions.get(action));
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
    actions.values().forEach(a -> views.add(0, a));
    return views;
  }

  private IncidentView view(Opened opened) {
    String incident = opened.last().id().value();
    return IncidentView.of(
        opened.last(),
        opened.openedAt(),
        intervalMillis(),
        opened.diagnoses(),
        actions.values().stream().filter(a -> a.incident().equals(incident)).toList());
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
    DiagnosisView last = opened.diagnoses().get(opened.diagnoses().size() - 1);
    return last.ranked().stream().findFirst().map(DiagnosisView.Candidate::component);
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
    for (ActionView action : actions.values()) {
      if (action.isMove() && action.state() == ActionView.State.INTENDED) {
        return Phase.MOVING;
      }
    }
    for (ActionView action : actions.values()) {
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
