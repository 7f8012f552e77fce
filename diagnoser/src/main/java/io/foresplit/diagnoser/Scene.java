package io.foresplit.diagnoser;

import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Conditions;
import io.foresplit.contract.Incident;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.LinkCondition;
import io.foresplit.contract.LinkSpec;
import io.foresplit.contract.Metric;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.Objective;
import io.foresplit.contract.Placement;
import io.foresplit.contract.SeriesKey;
import io.foresplit.contract.SplitTopology;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;

/**
 * What is known of an incident at its interval, in the order of the chain: nothing depends on how
 * components are named.
 *
 * @param topologies of the job until the incident's interval, oldest first; the last was in force
 * @param openedPlacement in force when the incident opened
 * @param changes of the series of the topology whose past and present are known
 */
record Scene(
    Incident incident,
    List<SplitTopology> topologies,
    Placement openedPlacement,
    Map<SeriesKey, Change> changes) {
  /** A rate that changed by fewer units of noise explains no longer transfer. */
  private static final double SAME_RATE = 2;

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
    topologies = List.copyOf(topologies);
    changes = Collections.unmodifiableMap(new LinkedHashMap<>(changes));
  }

  static Scene of(
      Incident incident,
      List<SplitTopology> topologies,
      SplitTopology opened,
      ChangeDetector detector) {
    JobSpec job = topologies.get(topologies.size() - 1).job();
    List<SeriesKey> series = new ArrayList<>();
    add(series, List.of(ComponentId.JOB), JOB_METRICS);
    add(series, job.links().stream().map(LinkSpec::id).toList(), LINK_METRICS);
    add(series, job.nodes().stream().map(node -> ComponentId.of(node.id())).toList(), NODE_METRICS);
    Map<SeriesKey, Change> changes = new LinkedHashMap<>();
    for (SeriesKey key : series) {
      detector.change(job, incident, key).ifPresent(change -> changes.put(key, change));
    }
    return new Scene(incident, topologies, opened.placement(), changes);
  }

  private SplitTopology current() {
    return topologies.get(topologies.size() - 1);
  }

  JobSpec job() {
    return current().job();
  }

  /** In force at the incident's interval. */
  Placement placement() {
    return current().placement();
  }

  private static void add(
      List<SeriesKey> to, Collection<ComponentId> components, List<Metric> metrics) {
    for (ComponentId component : components) {
      for (Metric metric : metrics) {
        to.add(new SeriesKey(component, metric));
      }
    }
  }

  /** When trouble began, as it is estimated. */
  Instant onset() {
    long ago = Math.max(0, incident.interval() - incident.onsetInterval());
    return incident.at().minus(job().interval().multipliedBy(Math.min(ago, Integer.MAX_VALUE)));
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
        .flatMap(r -> job().objectives().stream().filter(o -> o.id().equals(r.objective())))
        .map(Objective::metric)
        .distinct()
        .toList();
  }

  /** Conditions as they were while all was well, as declared where nothing was measured. */
  Conditions healthy() {
    return conditions(job().declaredConditions(), Change::healthy);
  }

  /** Conditions as they are, as the incident has them where nothing was measured. */
  Conditions present() {
    return conditions(completed(incident.now(), healthy()), Change::current);
  }

  private Conditions conditions(Conditions otherwise, ToDoubleFunction<Change> measured) {
    Map<ComponentId, LinkCondition> links = new TreeMap<>(otherwise.links());
    links.replaceAll(
        (link, condition) ->
            new LinkCondition(
                of(link, Metric.LINK_RATE, measured, condition.bytesPerSecond()),
                delay(link).map(measured::applyAsDouble).orElse(condition.delaySeconds())));
    Map<NodeId, Double> slowdowns = new TreeMap<>(otherwise.slowdowns());
    slowdowns.replaceAll((node, slow) -> of(ComponentId.of(node), Metric.SLOWDOWN, measured, slow));
    return new Conditions(links, slowdowns);
  }

  /**
   * How the delay of a link changed: as measured, or, since it is measured now and then, as the
   * time of a transfer tells when that grew more than the rate explains.
   */
  Optional<Change> delay(ComponentId link) {
    Optional<Change> measured = change(link, Metric.LINK_DELAY_SECONDS);
    Optional<Change> transfer = change(link, Metric.TRANSFER_SECONDS);
    if (measured.isEmpty()
        || transfer.isEmpty()
        || badness(link, Metric.LINK_RATE) > SAME_RATE
        || measured.get().score() >= transfer.get().score()) {
      return measured;
    }
    double more = Math.max(0, transfer.get().current() - transfer.get().healthy());
    return Optional.of(
        new Change(
            measured.get().series(),
            measured.get().healthy(),
            Math.max(measured.get().current(), measured.get().healthy() + more),
            transfer.get().score()));
  }

  private double of(
      ComponentId component, Metric metric, ToDoubleFunction<Change> measured, double otherwise) {
    return change(component, metric).map(measured::applyAsDouble).orElse(otherwise);
  }

  /** Conditions of which those that are not said are healthy; what the job has not, is left out. */
  Conditions completed(Conditions conditions, Conditions healthy) {
    Map<ComponentId, LinkCondition> links = new TreeMap<>(healthy.links());
    links.replaceAll((link, condition) -> conditions.links().getOrDefault(link, condition));
    Map<NodeId, Double> slowdowns = new TreeMap<>(healthy.slowdowns());
    slowdowns.replaceAll((node, slow) -> conditions.slowdowns().getOrDefault(node, slow));
    return new Conditions(links, slowdowns);
  }
}
