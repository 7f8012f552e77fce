package io.foresplit.diagnoser.chat;

import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Diagnosis;
import io.foresplit.contract.Evidence;
import io.foresplit.contract.Metric;
import io.foresplit.contract.RankedCause;
import io.foresplit.contract.SeriesKey;
import io.foresplit.contract.SplitTopology;
import io.foresplit.diagnoser.DiagnosisStage;
import io.foresplit.diagnoser.Words;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** Answers from the diagnosis. Each says whether it is known. */
final class CauseAnswers {
  private static final int FACTS_OF_A_CAUSE = 4;
  private static final int SHORT = 200;
  private static final int LONG = 800;
  private static final int RECENT_INTERVALS = 60;

  /** A second cause less likely than this is not worth a sentence. */
  private static final double WORTH_TELLING = 0.05;

  private final Telling telling;
  private final IncidentFacts facts;

  CauseAnswers(Telling telling) {
    this.telling = telling;
    this.facts = telling.facts();
  }

  boolean why() {
    telling.say(new Trouble(facts).sentence());
    Optional<RankedCause> top = facts.top();
    if (top.isEmpty()) {
      return noCause();
    }
    telling.say(
        "The most likely cause, with a probability of "
            + Words.percent(top.get().probability())
            + ", is that "
            + clause(top.get())
            + cited(top.get())
            + ".");
    factsOf(top.get());
    ranked().stream()
        .skip(1)
        .limit(1)
        .filter(cause -> cause.probability() >= WORTH_TELLING)
        .forEach(this::lessLikely);
    who();
    return true;
  }

  private void factsOf(RankedCause cause) {
    facts.evidence().stream()
        .filter(fact -> cause.evidence().contains(fact.id()))
        .limit(FACTS_OF_A_CAUSE)
        .forEach(fact -> telling.say(sentence(fact)));
  }

  /** Who reasoned; words of a language model are quoted as such. */
  private void who() {
    Diagnosis diagnosis = facts.diagnosis().orElseThrow();
    String reasoner = PlainText.of(diagnosis.reasoner(), SHORT);
    telling.say(
        "This is diagnosis "
            + (diagnosis.revision() + 1)
            + " of the incident, by "
            + reasoner
            + ".");
    if (!reasoner.equals(DiagnosisStage.REASONER)) {
      telling.say(
          "In the words recorded with it: \"" + PlainText.of(diagnosis.explanation(), LONG) + "\"");
    }
  }

  private boolean noCause() {
    Optional<Diagnosis> diagnosis = facts.diagnosis();
    if (diagnosis.isEmpty()) {
      telling.say("No diagnosis of it is recorded, so I do not know the cause.");
      return false;
    }
    telling.say(
        "No known cause stands out from the noise, so the diagnosis names none, and I do not know"
            + " it.");
    facts.evidence().stream().limit(2).forEach(fact -> telling.say(sentence(fact)));
    return false;
  }

  boolean evidence() {
    if (facts.evidence().isEmpty()) {
      telling.say(
          facts.diagnosis().isEmpty()
              ? "No diagnosis of the incident is recorded, so there is no evidence yet."
              : "The diagnosis holds no facts.");
      return false;
    }
    telling.say(
        facts.evidence().size() == 1
            ? "The diagnosis rests on one fact."
            : "The diagnosis rests on " + facts.evidence().size() + " facts.");
    for (Evidence fact : facts.evidence()) {
      telling.item(sentence(fact));
    }
    return true;
  }

  boolean alternatives() {
    if (facts.top().isEmpty()) {
      return noCause();
    }
    List<RankedCause> others = ranked().stream().skip(1).toList();
    if (others.isEmpty()) {
      telling.say("The diagnosis ranks no other cause.");
    }
    others.forEach(this::lessLikely);
    RankedCause top = facts.top().orElseThrow();
    telling.say(
        "The most likely cause remains, with a probability of "
            + Words.percent(top.probability())
            + ", that "
            + clause(top)
            + cited(top)
            + ".");
    return true;
  }

  private void lessLikely(RankedCause cause) {
    telling.say(
        "Less likely, with a probability of "
            + Words.percent(cause.probability())
            + ": "
            + clause(cause)
            + cited(cause)
            + ".");
  }

  boolean confidence() {
    Optional<RankedCause> top = facts.top();
    if (top.isEmpty()) {
      return noCause();
    }
    double second =
        ranked().stream().skip(1).mapToDouble(RankedCause::probability).findFirst().orElse(0);
    telling.say(
        "That "
            + clause(top.get())
            + " has a probability of "
            + Words.percent(top.get().probability())
            + cited(top.get())
            + ", the next likely cause one of "
            + Words.percent(second)
            + ".");
    telling.say(
        "These probabilities are computed from the measurements by the statistics, not guessed by a"
            + " model.");
    long agreeing =
        facts.diagnoses().stream()
            .filter(diagnosis -> diagnosis.top().filter(t -> same(t, top.get())).isPresent())
            .count();
    telling.say(
        agreeing
            + " of "
            + facts.diagnoses().size()
            + " recorded diagnoses of the incident name it.");
    if (facts.incident().degradation().isKnown()) {
      telling.say(
          "Of which kind the incident is was judged apart from that: "
              + facts.incident().degradation().kind().label()
              + ", with a probability of "
              + Words.percent(facts.incident().degradation().probability())
              + " (by "
              + PlainText.of(facts.incident().degradation().source(), SHORT)
              + ").");
    }
    return true;
  }

  boolean check() {
    Optional<RankedCause> top = facts.top();
    if (top.isEmpty()) {
      return noCause();
    }
    telling.say(Checks.of(top.get().cause(), top.get().component()));
    facts.evidence().stream()
        .filter(fact -> top.get().evidence().contains(fact.id()))
        .filter(fact -> Nature.of(fact) != Nature.PREDICTED)
        .findFirst()
        .ifPresent(
            fact ->
                telling.say(
                    "It would speak against this cause if the "
                        + Words.of(fact.series())
                        + " were back near "
                        + Words.value(fact.series().metric(), fact.healthy())
                        + " and the trouble stayed ["
                        + fact.id()
                        + "]."));
    telling.say("The first is general advice for the cause named, not something measured.");
    return true;
  }

  boolean fact(String id) {
    Optional<Evidence> known = facts.evidence(id);
    if (known.isEmpty()) {
      String ids = facts.evidence().stream().map(Evidence::id).collect(Collectors.joining(", "));
      telling.say(
          "The latest diagnosis has no such fact"
              + (ids.isEmpty() ? "; it has none at all." : "; it has " + ids + "."));
      return false;
    }
    Evidence fact = known.get();
    telling.say(sentence(fact));
    Metric metric = fact.series().metric();
    telling.say(
        "In numbers: "
            + Words.value(metric, fact.healthy())
            + " while healthy, "
            + Words.value(metric, fact.current())
            + " at the incident, a change of "
            + Words.number(fact.score())
            + " times the usual noise.");
    String causes =
        ranked().stream()
            .filter(cause -> cause.evidence().contains(fact.id()))
            .map(cause -> cause.cause().label() + " of " + cause.component())
            .collect(Collectors.joining(", "));
    telling.say(causes.isEmpty() ? "No ranked cause rests on it." : "It bears on: " + causes + ".");
    if (Nature.of(fact) != Nature.PREDICTED) {
      recent(fact.series());
    }
    return true;
  }

  boolean about(ComponentId component) {
    Optional<RankedCause> cause =
        ranked().stream().filter(ranked -> ranked.component().equals(component)).findFirst();
    if (cause.isPresent()) {
      telling.say(
          "With a probability of "
              + Words.percent(cause.get().probability())
              + ", "
              + clause(cause.get())
              + cited(cause.get())
              + ".");
    } else {
      telling.say(
          Words.of(component)
              + " is not among the causes that the diagnosis ranks"
              + facts.top().map(top -> "; the most likely one is that " + clause(top)).orElse("")
              + ".");
    }
    facts.evidence().stream()
        .filter(fact -> touches(fact.series().component(), component))
        .limit(FACTS_OF_A_CAUSE)
        .forEach(fact -> telling.say(sentence(fact)));
    if (!component.isLink()) {
      layers(component);
    }
    recent(new SeriesKey(component, component.isLink() ? Metric.LINK_RATE : Metric.SLOWDOWN));
    return true;
  }

  private void layers(ComponentId node) {
    Optional<SplitTopology> topology = telling.look(new TopologyLookUp()).atIncident();
    topology.ifPresent(
        known -> {
          List<String> layers = new ArrayList<>();
          for (int i = 0; i < known.placement().nodeOfLayer().size(); i++) {
            if (known.placement().nodeOfLayer().get(i).equals(node.from())) {
              layers.add(i + " (" + known.job().layers().get(i).name() + ")");
            }
          }
          telling.say(
              layers.isEmpty()
                  ? "At the incident it held no layers."
                  : "At the incident it held the layers " + String.join(", ", layers) + ".");
        });
  }

  private void recent(SeriesKey series) {
    MetricsLookUp.Found found =
        telling.look(new MetricsLookUp(series, facts.now(), RECENT_INTERVALS));
    telling.say("Measured lately: " + found.text() + ".");
  }

  /** A link touches its ends, a node its links. */
  private static boolean touches(ComponentId one, ComponentId other) {
    return one.equals(other)
        || (one.isLink()
            && !other.isLink()
            && (one.from().equals(other.from()) || one.to().equals(other.from())));
  }

  private List<RankedCause> ranked() {
    return facts.diagnosis().map(Diagnosis::ranked).orElse(List.of());
  }

  private static boolean same(RankedCause one, RankedCause other) {
    return one.cause() == other.cause() && one.component().equals(other.component());
  }

  private static String clause(RankedCause cause) {
    return Words.clause(cause.cause(), cause.component());
  }

  /** The facts that a cause rests on; ids of facts that are not there are untrusted text. */
  private String cited(RankedCause cause) {
    return cause.evidence().stream()
        .filter(id -> facts.evidence(id).isPresent())
        .map(id -> " [" + id + "]")
        .collect(Collectors.joining());
  }

  /** What a fact says, and whether that is measured. */
  private static String sentence(Evidence fact) {
    String statement = PlainText.of(fact.statement(), LONG);
    return Nature.of(fact).label() + ": " + statement + " [" + fact.id() + "].";
  }

  /** Where a fact is from. */
  private enum Nature {
    MEASURED("Measured"),
    MEASURED_AND_FORECAST("Measured and forecast"),
    PREDICTED("Predicted");

    private final String label;

    Nature(String label) {
      this.label = label;
    }

    String label() {
      return label;
    }

    static Nature of(Evidence fact) {
      String statement = fact.statement().toLowerCase(Locale.ROOT);
      if (statement.startsWith("the step time model predicts")) {
        return PREDICTED;
      }
      return statement.contains("; forecast ") ? MEASURED_AND_FORECAST : MEASURED;
    }
  }
}
