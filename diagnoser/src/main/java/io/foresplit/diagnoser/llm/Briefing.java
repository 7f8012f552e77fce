package io.foresplit.diagnoser.llm;

import io.foresplit.contract.BreachRisk;
import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Diagnosis;
import io.foresplit.contract.Evidence;
import io.foresplit.contract.Incident;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.LinkSpec;
import io.foresplit.contract.Metric;
import io.foresplit.contract.NodeSpec;
import io.foresplit.contract.Objective;
import io.foresplit.contract.Placement;
import io.foresplit.contract.PlacementPlanner;
import io.foresplit.contract.RankedCause;
import io.foresplit.contract.SeriesKey;
import io.foresplit.contract.SplitTopology;
import io.foresplit.diagnoser.DiagnosisGuard;
import io.foresplit.diagnoser.Words;
import io.foresplit.diagnoser.chat.ForecastLookUp;
import io.foresplit.diagnoser.chat.IncidentFacts;
import io.foresplit.diagnoser.library.Library;
import io.foresplit.diagnoser.library.Library.Shelf;
import io.foresplit.diagnoser.library.Passage;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a model is told of an incident, one item a line, the most important first: the likeliest
 * cause and its facts, the actions on offer, other causes and facts, where the layers are, what is
 * forecast, and what is known from before. Items that no longer fit are left out whole.
 *
 * @param text the items, each of a word and quoted text
 * @param facts ids among them
 * @param actions on offer, as an answer names them
 * @param observations that would speak against the likeliest cause, as sentences
 * @param topology in force
 */
record Briefing(
    String text,
    List<String> facts,
    List<String> actions,
    List<String> observations,
    Optional<SplitTopology> topology) {
  Briefing {
    facts = List.copyOf(facts);
    actions = List.copyOf(actions);
    observations = List.copyOf(observations);
  }

  static Briefing of(
      Diagnosis diagnosis,
      Optional<IncidentFacts> known,
      Library library,
      PlacementPlanner planner,
      int tokens) {
    return new Builder(diagnosis, known, planner, tokens).build(library);
  }

  /** Adds items until one does not fit. Not thread-safe. */
  private static final class Builder {
    private final Diagnosis diagnosis;
    private final Incident incident;
    private final Optional<IncidentFacts> known;
    private final Optional<SplitTopology> topology;
    private final PlacementPlanner planner;
    private final StringBuilder text = new StringBuilder();
    private final List<String> facts = new ArrayList<>();
    private final List<String> actions = new ArrayList<>(List.of(DiagnosisGuard.NOTIFY));
    private int left;

    private Builder(
        Diagnosis diagnosis, Optional<IncidentFacts> known, PlacementPlanner planner, int tokens) {
      this.diagnosis = diagnosis;
      this.incident = diagnosis.incident();
      this.known = known;
      this.topology = known.flatMap(IncidentFacts::present);
      this.planner = planner;
      this.left = tokens;
    }

    private Briefing build(Library library) {
      List<RankedCause> ranked = diagnosis.ranked();
      // its facts come right after it
      ranked.stream().limit(1).forEach(cause -> cause(cause, ""));
      List<String> first = ranked.isEmpty() ? List.of() : ranked.get(0).evidence();
      diagnosis.evidence().stream().filter(f -> first.contains(f.id())).forEach(this::fact);
      topology.ifPresent(this::offers);
      ranked.stream()
          .skip(1)
          .forEach(cause -> cause(cause, ", facts " + String.join(" ", cause.evidence())));
      diagnosis.evidence().stream().filter(f -> !first.contains(f.id())).forEach(this::fact);
      incident.risks().forEach(this::risk);
      topology.ifPresent(this::layers);
      known.ifPresent(this::forecasts);
      ranked.stream().limit(1).forEach(cause -> experience(cause, library));
      return new Briefing(text.toString(), facts, actions, observations(first), topology);
    }

    /** What changed with the likeliest cause is healthy again, and what is at risk is not. */
    private List<String> observations(List<String> first) {
      Metric suffers =
          topology.stream()
              .flatMap(now -> now.job().objectives().stream())
              .filter(o -> incident.risks().stream().anyMatch(r -> r.objective().equals(o.id())))
              .map(Objective::metric)
              .findFirst()
              .orElse(Metric.STEP_SECONDS);
      return diagnosis.evidence().stream()
          .filter(fact -> first.contains(fact.id()) && facts.contains(fact.id()))
          .map(Evidence::series)
          .filter(series -> !series.component().equals(ComponentId.JOB))
          .distinct()
          .map(
              series ->
                  "The "
                      + Words.of(series)
                      + " is as before again, and the "
                      + Words.of(suffers)
                      + " of the job is not.")
          .toList();
    }

    /** Whether it was told. What comes after an item that did not fit is not told either. */
    private boolean tell(String kind, String what) {
      String line = kind + " " + Telemetry.quoted(what) + "\n";
      left -= Telemetry.tokens(line);
      if (left < 0) {
        left = 0;
        return false;
      }
      text.append(line);
      return true;
    }

    private void cause(RankedCause cause, String facts) {
      tell(
          "cause",
          cause.cause().label()
              + " of "
              + cause.component()
              + ": "
              + Words.clause(cause.cause(), cause.component())
              + ", probability "
              + Words.percent(cause.probability())
              + facts);
    }

    private void fact(Evidence fact) {
      if (tell(fact.id(), fact.statement())) {
        facts.add(fact.id());
      }
    }

    /** The best placements for what is forecast and what is measured. */
    private void offers(SplitTopology now) {
      if (!DiagnosisGuard.mayMove(diagnosis)) {
        return;
      }
      JobSpec job = now.job();
      try {
        Set<Placement> best = new LinkedHashSet<>();
        best.add(planner.best(job, incident.expected()));
        best.add(planner.best(job, incident.now()));
        best.removeIf(to -> !DiagnosisGuard.isAllowed(to, now));
        for (Placement to : best) {
          String action = DiagnosisGuard.MOVE + to.describe();
          if (tell("action", action + ": predicted " + step(job, to))) {
            actions.add(action);
          }
        }
        tell("action", "without a move: predicted " + step(job, now.placement()));
      } catch (IllegalArgumentException e) {
        // the conditions of the incident are not those of this job: nothing can be predicted
        tell("action", "no move can be predicted");
      }
    }

    private String step(JobSpec job, Placement placement) {
      return Words.seconds(planner.predict(job, placement, incident.expected())) + " a step";
    }

    private void risk(BreachRisk risk) {
      tell(
          "objective",
          risk.objective()
              + (risk.breached()
                  ? " is breached"
                  : " will be breached with a probability of " + Words.percent(risk.probability()))
              + ", now "
              + Words.number(risk.current()));
    }

    private void layers(SplitTopology now) {
      tell("layers", now.placement().describe() + " at epoch " + now.epoch());
      for (NodeSpec node : now.job().participants()) {
        tell(
            "node",
            node.id()
                + " of speed "
                + Words.number(node.speed())
                + ", slowdown "
                + Words.number(incident.now().slowdowns().getOrDefault(node.id(), 1.0)));
      }
      for (LinkSpec link : now.job().links()) {
        tell(
            "link",
            link.id()
                + " declared "
                + Words.value(Metric.LINK_RATE, link.bytesPerSecond())
                + " with a delay of "
                + Words.seconds(link.delaySeconds()));
      }
    }

    /** Of the objectives' metrics, and of the likeliest component. */
    private void forecasts(IncidentFacts recorded) {
      Set<SeriesKey> wanted = new LinkedHashSet<>();
      topology.ifPresent(
          now ->
              now.job()
                  .objectives()
                  .forEach(o -> wanted.add(new SeriesKey(ComponentId.JOB, o.metric()))));
      diagnosis.evidence().forEach(fact -> wanted.add(fact.series()));
      wanted.stream()
          .filter(series -> recorded.forecast(series).isPresent())
          .forEach(series -> tell("forecast", new ForecastLookUp(series).in(recorded).text()));
    }

    private void experience(RankedCause cause, Library library) {
      String query = cause.cause().label() + " " + Words.clause(cause.cause(), cause.component());
      for (Shelf shelf : Shelf.values()) {
        for (Passage passage : library.search(EnumSet.of(shelf), query, 1)) {
          tell(
              shelf == Shelf.RUNBOOKS ? "runbook" : "earlier",
              passage.title() + ": " + passage.text());
        }
      }
    }
  }
}
