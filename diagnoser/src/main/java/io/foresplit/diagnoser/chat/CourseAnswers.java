package io.foresplit.diagnoser.chat;

import io.foresplit.contract.BreachRisk;
import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Conditions;
import io.foresplit.contract.Incident;
import io.foresplit.contract.LinkCondition;
import io.foresplit.contract.Metric;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.RankedCause;
import io.foresplit.contract.SeriesKey;
import io.foresplit.contract.SplitTopology;
import io.foresplit.diagnoser.Words;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Answers from the incident's record, metrics and forecasts. Each says whether it is known. */
final class CourseAnswers {
  private static final int RECENT_INTERVALS = 60;

  private final Telling telling;
  private final IncidentFacts facts;
  private final Incident trouble;

  CourseAnswers(Telling telling) {
    this.telling = telling;
    this.facts = telling.facts();
    this.trouble = facts.trouble();
  }

  boolean since() {
    Instant onset = facts.end(facts.incident().onsetInterval());
    Instant opened = facts.end(facts.incident().openedInterval());
    telling.say(
        "The first metric left its healthy range at about "
            + Times.withDay(onset)
            + ", as estimated from the measurements.");
    telling.say(
        "The incident was opened at "
            + Times.clock(opened)
            + ", "
            + Times.of(Duration.between(onset, opened))
            + " later.");
    Instant last = facts.incident().at();
    telling.say(
        facts.isResolved()
            ? "It was resolved at "
                + Times.clock(last)
                + ", after "
                + Times.of(Duration.between(opened, last))
                + "."
            : "It is open, and was last updated at " + Times.clock(last) + ".");
    return true;
  }

  boolean where() {
    TopologyLookUp.Found found = telling.look(new TopologyLookUp());
    if (found.atIncident().isEmpty()) {
      telling.say("The topology of job " + trouble.job() + " at the incident is not recorded.");
      return false;
    }
    SplitTopology then = found.atIncident().get();
    telling.say("At the incident, epoch " + then.epoch() + ", " + held(then) + ".");
    found
        .present()
        .filter(now -> now.epoch() != then.epoch())
        .ifPresent(
            now ->
                telling.say(
                    "Layers have moved since: at epoch " + now.epoch() + ", " + held(now) + "."));
    telling.say("The data stays on " + then.job().dataOwner() + ". Layers are counted from 0.");
    return true;
  }

  private static String held(SplitTopology topology) {
    Map<NodeId, List<String>> layers = new LinkedHashMap<>();
    List<NodeId> nodes = topology.placement().nodeOfLayer();
    for (int i = 0; i < nodes.size(); i++) {
      layers
          .computeIfAbsent(nodes.get(i), node -> new ArrayList<>())
          .add(topology.job().layers().get(i).name());
    }
    List<String> parts = new ArrayList<>();
    layers.forEach((node, names) -> parts.add(node + " holds " + String.join(", ", names)));
    return "the placement is " + topology.placement().describe() + ": " + String.join("; ", parts);
  }

  boolean outlook(Optional<ComponentId> component) {
    return component.isPresent() ? outlook(component.get()) : outlook();
  }

  private boolean outlook() {
    if (facts.isResolved()) {
      telling.say(
          "The incident was resolved at "
              + Times.clock(facts.incident().at())
              + "; what follows was forecast while it was open.");
    }
    for (BreachRisk risk : trouble.risks()) {
      telling.say(breach(risk));
    }
    boolean known = !trouble.risks().isEmpty();
    for (BreachRisk risk : trouble.risks()) {
      Optional<Metric> metric = new Trouble(facts).objective(risk).map(o -> o.metric());
      known |= metric.isPresent() && forecast(new SeriesKey(ComponentId.JOB, metric.get()));
    }
    Optional<ComponentId> suspect =
        facts.top().map(RankedCause::component).filter(c -> !c.equals(ComponentId.JOB));
    known |= suspect.map(this::conditions).orElse(false);
    return known || nothing("No forecast of this incident is recorded.");
  }

  private boolean outlook(ComponentId component) {
    boolean known = conditions(component);
    List<Metric> metrics =
        component.isLink()
            ? List.of(Metric.LINK_RATE, Metric.LINK_DELAY_SECONDS)
            : List.of(Metric.SLOWDOWN);
    for (Metric metric : metrics) {
      known |= forecast(new SeriesKey(component, metric));
    }
    return known || nothing("No forecast of " + component + " is recorded.");
  }

  private boolean nothing(String sentence) {
    telling.say(sentence);
    return false;
  }

  private String breach(BreachRisk risk) {
    if (risk.breached()) {
      return "Measured: objective " + risk.objective() + " is breached already.";
    }
    String sentence =
        "Forecast at "
            + Times.clock(trouble.at())
            + ": objective "
            + risk.objective()
            + " is breached within the horizon with a probability of "
            + Words.percent(risk.probability());
    if (risk.expectedInterval() >= 0) {
      sentence += ", expected at " + Times.clock(facts.end(risk.expectedInterval()));
    }
    if (risk.earliestInterval() >= 0) {
      sentence +=
          ", and with a probability of 80 % between "
              + Times.clock(facts.end(risk.earliestInterval()))
              + " and "
              + (risk.latestInterval() >= 0
                  ? Times.clock(facts.end(risk.latestInterval()))
                  : "a time after the horizon");
    }
    return sentence + ".";
  }

  private boolean forecast(SeriesKey series) {
    ForecastLookUp.Found found = telling.look(new ForecastLookUp(series));
    found.end().ifPresent(end -> telling.say("Forecast: " + found.text() + "."));
    return found.end().isPresent();
  }

  /** What the incident says of a link or node, now and ahead. */
  private boolean conditions(ComponentId component) {
    Map<Metric, Double> now = of(trouble.now(), component);
    Map<Metric, Double> expected = of(trouble.expected(), component);
    expected.forEach(
        (metric, value) ->
            telling.say(
                "Forecast at "
                    + Times.clock(trouble.at())
                    + " for the end of the horizon: the "
                    + Words.of(new SeriesKey(component, metric))
                    + " is "
                    + Words.value(metric, value)
                    + Optional.ofNullable(now.get(metric))
                        .map(v -> "; measured then was " + Words.value(metric, v))
                        .orElse("")
                    + "."));
    return !expected.isEmpty();
  }

  private static Map<Metric, Double> of(Conditions conditions, ComponentId component) {
    Map<Metric, Double> values = new TreeMap<>();
    LinkCondition link = conditions.links().get(component);
    if (link != null) {
      values.put(Metric.LINK_RATE, link.bytesPerSecond());
      values.put(Metric.LINK_DELAY_SECONDS, link.delaySeconds());
    }
    Double slowdown = component.isLink() ? null : conditions.slowdowns().get(component.from());
    if (slowdown != null) {
      values.put(Metric.SLOWDOWN, slowdown);
    }
    return values;
  }

  boolean measured(Metric metric, Optional<ComponentId> wanted) {
    Optional<SeriesKey> series = series(metric, wanted);
    if (series.isEmpty()) {
      return nothing("No values of the " + Words.of(metric) + " are recorded for this job.");
    }
    MetricsLookUp.Found before =
        telling.look(
            new MetricsLookUp(
                series.get(), facts.incident().onsetInterval() - 1, RECENT_INTERVALS));
    MetricsLookUp.Found at =
        telling.look(new MetricsLookUp(series.get(), trouble.interval(), RECENT_INTERVALS / 6));
    MetricsLookUp.Found now =
        telling.look(new MetricsLookUp(series.get(), facts.now(), RECENT_INTERVALS / 6));
    telling.say("Measured before the onset: " + before.text() + ".");
    telling.say("Measured at the incident: " + at.text() + ".");
    telling.say("Measured last: " + now.text() + ".");
    facts.evidence().stream()
        .filter(fact -> fact.series().equals(series.get()))
        .findFirst()
        .ifPresent(fact -> telling.say("The diagnosis has it as [" + fact.id() + "]."));
    return before.present() + at.present() + now.present() > 0;
  }

  /** Of the component wanted, else of the suspect, else the first that there is. */
  private Optional<SeriesKey> series(Metric metric, Optional<ComponentId> wanted) {
    Set<SeriesKey> known = facts.history().series(trouble.job());
    List<SeriesKey> candidates =
        known.stream().filter(series -> series.metric() == metric).sorted().toList();
    Optional<ComponentId> suspect = facts.top().map(RankedCause::component);
    if (wanted.isPresent()) {
      return candidates.stream().filter(s -> s.component().equals(wanted.get())).findFirst();
    }
    return candidates.stream()
        .filter(s -> suspect.filter(s.component()::equals).isPresent())
        .findFirst()
        .or(() -> candidates.stream().findFirst());
  }
}
