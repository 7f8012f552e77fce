package io.foresplit.diagnoser.chat;

import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Metric;
import io.foresplit.contract.Placement;
import io.foresplit.contract.PlacementPlanner;
import io.foresplit.contract.SeriesKey;
import io.foresplit.contract.SplitTopology;
import io.foresplit.diagnoser.library.Library;
import io.foresplit.diagnoser.library.Library.Shelf;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Look-ups by name and texts, as somebody asks for them who is not trusted. Pure. */
public final class LookUps {
  private static final int RECENT_INTERVALS = 60;

  /** A kind of look-up, and what it needs by name. */
  public record Kind(String name, String purpose, Map<String, String> arguments) {}

  private static final Map<String, String> SERIES =
      Map.of("component", "a node, a link such as a->b, or job", "metric", "one of " + metrics());

  private static final Map<String, String> QUERY = Map.of("query", "a few plain words");

  /** All kinds. */
  public static final List<Kind> KINDS =
      List.of(
          new Kind("metrics", "Measured values of a metric in the latest intervals", SERIES),
          new Kind("forecast", "The latest forecast of a metric", SERIES),
          new Kind("topology", "On which nodes the layers are", Map.of()),
          new Kind("actions", "What was done about the incident, and what came of it", Map.of()),
          new Kind(
              "what-if",
              "The predicted time of a training step with another placement of the layers",
              Map.of(
                  "change",
                  "such as 'cut after layer 1 and layer 3', 'layers 2-3 on NODE' or 'nothing'")),
          new Kind("runbooks", "What runbooks advise", QUERY),
          new Kind("past-incidents", "Similar incidents of the past", QUERY));

  private final IncidentFacts facts;
  private final PlacementPlanner planner;
  private final Library library;

  public LookUps(IncidentFacts facts, PlacementPlanner planner, Library library) {
    this.facts = facts;
    this.planner = planner;
    this.library = library;
  }

  /**
   * The look-up of a name.
   *
   * @throws IllegalArgumentException saying in one line what is wrong, without repeating it
   */
  public LookUp<?> of(String name, Map<String, String> arguments) {
    return switch (name) {
      case "metrics" -> new MetricsLookUp(series(arguments), facts.now(), RECENT_INTERVALS);
      case "forecast" -> new ForecastLookUp(series(arguments));
      case "topology" -> new TopologyLookUp();
      case "actions" -> new ActionsLookUp();
      case "what-if" -> new WhatIfLookUp(placement(argument(arguments, "change")), planner);
      case "runbooks" -> new LibraryLookUp(Shelf.RUNBOOKS, argument(arguments, "query"), library);
      case "past-incidents" ->
          new LibraryLookUp(Shelf.INCIDENTS, argument(arguments, "query"), library);
      default ->
          throw new IllegalArgumentException(
              "no such look-up; there are "
                  + KINDS.stream().map(Kind::name).collect(Collectors.joining(", ")));
    };
  }

  private SeriesKey series(Map<String, String> arguments) {
    String named = argument(arguments, "component");
    ComponentId component =
        named.equals(ComponentId.JOB.value())
            ? ComponentId.JOB
            : facts.components().stream()
                .filter(c -> c.value().equals(named))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no such component"));
    String metric = argument(arguments, "metric").replace('-', '_').toUpperCase(Locale.ROOT);
    return new SeriesKey(
        component,
        Arrays.stream(Metric.values())
            .filter(m -> m.name().equals(metric))
            .findFirst()
            .orElseThrow(() -> new IllegalArgumentException("metric must be one of " + metrics())));
  }

  private Placement placement(String change) {
    SplitTopology topology =
        facts.topology().orElseThrow(() -> new IllegalArgumentException("no topology is recorded"));
    Question question = new QuestionReader(facts).read(List.of(), "what if " + change);
    if (!(question instanceof Question.WhatIf whatIf)) {
      throw new IllegalArgumentException("change must say which layers go where");
    }
    Proposal.Meant meant = whatIf.proposal().on(topology);
    return meant.placement().orElseThrow(() -> new IllegalArgumentException(meant.problem()));
  }

  private static String argument(Map<String, String> arguments, String name) {
    return Optional.ofNullable(arguments.get(name))
        .filter(value -> !value.isBlank())
        .map(String::strip)
        .orElseThrow(() -> new IllegalArgumentException("the argument " + name + " is missing"));
  }

  private static String metrics() {
    return Arrays.stream(Metric.values())
        .map(m -> m.name().toLowerCase(Locale.ROOT).replace('_', '-'))
        .collect(Collectors.joining(", "));
  }
}
