package io.foresplit.diagnoser;

import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Conditions;
import io.foresplit.contract.Incident;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.LinkCondition;
import io.foresplit.contract.LinkSpec;
import io.foresplit.contract.Metric;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.NodeSpec;
import io.foresplit.contract.Objective;
import io.foresplit.contract.Placement;
import io.foresplit.contract.SeriesKey;
import io.foresplit.contract.SplitTopology;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What is known of an incident at its interval, in the order of the chain: nothing depends on how
 * components are named.
 *
 * @param placement in force at the incident's interval
 * @param openedPlacement in force when the incident opened
 * @param changes of the series of the topology whose past and present are known
 */
record Scene(
    Incident incident,
    JobSpec job,
    Placement placement,
    Placement openedPlacement,
    Map<SeriesKey, Change> changes) {
  private static final List<Metric> LINK_METRICS =
      List.of(Metric.LINK_RATE, Metric.LINK_DELAY_SECONDS, Metric.TRANSFER_SECONDS);
  private static final List<Metric> NODE_METRICS =
      List.of(
          Metric.SLOWDOWN,
          Metric.FORWARD_SECONDS,
          Metric.BACKWARD_SECONDS,
          Metric.QUEUE_WAIT_SECONDS,
          Metric.GRADIENT_NORM,
          Metric.ACTIVATION_MEAN,
          Metric.ACTIVATION_VARIANCE,
          Metric.INPUT_MEAN,
          Metric.INPUT_VARIANCE);
  private static final List<Metric> JOB_METRICS = List.of(Metric.STEP_SECONDS, Metric.LOSS);

  Scene {
    changes = Collections.unmodifiableMap(new LinkedHashMap<>(changes));
  }

  static Scene of(
      Incident incident, SplitTopology current, SplitTopology opened, ChangeDetector detector) {
    JobSpec job = current.job();
    List<SeriesKey> series = new ArrayList<>();
    add(series, List.of(ComponentId.JOB), JOB_METRICS);
    add(series, job.links().stream().map(LinkSpec::id).toList(), LINK_METRICS);
    add(series, job.nodes().stream().map(node -> ComponentId.of(node.id())).toList(), NODE_METRICS);
    Map<SeriesKey, Change> changes = new LinkedHashMap<>();
    for (SeriesKey key : series) {
      detector.change(job, incident, key).ifPresent(change -> changes.put(key, change));
    }
    return new Scene(incident, job, current.placement(), opened.placement(), changes);
  }

  private static void add(
      List<SeriesKey> to, Collection<ComponentId> components, List<Metric> metrics) {
    for (ComponentId component : components) {
      for (Metric metric : metrics) {
        to.add(new SeriesKey(component, metric));
      }
    }
  }

  Optional<Change> change(ComponentId component, Metric metric) {
    return Optional.ofNullable(changes.get(new SeriesKey(component, metric)));
  }

  /** How bad a series is, 0 when it is not known. */
  double badness(ComponentId component, Metric metric) {
    return change(component, metric).map(Change::badness).orElse(0.0);
  }

  /** Metrics of the objectives at risk. */
  List<Metric> metricsAtRisk() {
    return incident.risks().stream()
        .flatMap(r -> job.objectives().stream().filter(o -> o.id().equals(r.objective())))
        .map(Objective::metric)
        .distinct()
        .toList();
  }

  /** Conditions as they were while all was well, as declared where nothing was measured. */
  Conditions healthy() {
    Conditions result = job.declaredConditions();
    for (LinkSpec link : job.links()) {
      double rate = healthy(link.id(), Metric.LINK_RATE, link.bytesPerSecond());
      double delay = healthy(link.id(), Metric.LINK_DELAY_SECONDS, link.delaySeconds());
      result = result.withLink(link.id(), new LinkCondition(rate, delay));
    }
    for (NodeSpec node : job.nodes()) {
      double slowdown = healthy(ComponentId.of(node.id()), Metric.SLOWDOWN, 1);
      result = result.withSlowdown(node.id(), slowdown);
    }
    return result;
  }

  private double healthy(ComponentId component, Metric metric, double otherwise) {
    return change(component, metric).map(Change::healthy).orElse(otherwise);
  }

  /** Conditions of the incident; those it does not say are healthy ones. */
  Conditions completed(Conditions conditions) {
    Conditions result = healthy();
    for (Map.Entry<ComponentId, LinkCondition> link : conditions.links().entrySet()) {
      if (result.links().containsKey(link.getKey())) {
        result = result.withLink(link.getKey(), link.getValue());
      }
    }
    for (Map.Entry<NodeId, Double> node : conditions.slowdowns().entrySet()) {
      if (result.slowdowns().containsKey(node.getKey())) {
        result = result.withSlowdown(node.getKey(), node.getValue());
      }
    }
    return result;
  }
}
