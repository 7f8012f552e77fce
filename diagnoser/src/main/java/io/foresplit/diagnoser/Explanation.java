package io.foresplit.diagnoser;

import io.foresplit.contract.BreachRisk;
import io.foresplit.contract.Incident;
import io.foresplit.contract.Objective;
import io.foresplit.contract.RankedCause;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** Plain sentences from the evidence, written without a language model, and saying so. */
final class Explanation {
  private static final String NO_MODEL =
      "Written from measurements by statistics; no language model took part.";

  /** A second cause less likely than this is not worth a sentence. */
  private static final double WORTH_TELLING = 0.05;

  private Explanation() {}

  static String of(Scene scene, List<RankedCause> ranked, EvidencePack pack) {
    List<String> sentences = new ArrayList<>();
    sentences.add(trouble(scene));
    if (ranked.isEmpty()) {
      sentences.add(
          "No known cause stands out from the noise, so none is named"
              + cited(pack.facts().stream().limit(2).map(fact -> fact.id()).toList())
              + ".");
    } else {
      RankedCause top = ranked.get(0);
      sentences.add(
          String.format(
              Locale.ROOT,
              "Most likely cause (%s): %s%s.",
              Words.percent(top.probability()),
              Words.clause(top.cause(), top.component()),
              cited(top.evidence())));
      facts(pack, top).forEach(sentences::add);
      second(ranked).ifPresent(sentences::add);
    }
    sentences.add(NO_MODEL);
    return String.join(" ", sentences);
  }

  /** What is said when the job's placement at the incident is not known. */
  static String withoutTopology(Incident incident) {
    return "The placement of job "
        + incident.job()
        + " at epoch "
        + incident.epoch()
        + " is not known, so no cause is named. "
        + NO_MODEL;
  }

  private static String trouble(Scene scene) {
    Incident incident = scene.incident();
    if (!incident.silent().isEmpty()) {
      return "Job " + incident.job() + " does not hear from " + join(incident.silent()) + ".";
    }
    String risks =
        incident.risks().stream().map(r -> risk(scene, r)).collect(Collectors.joining("; "));
    return "Job " + incident.job() + " is at risk" + (risks.isEmpty() ? "." : ": " + risks + ".");
  }

  private static String risk(Scene scene, BreachRisk risk) {
    Optional<Objective> objective =
        scene.job().objectives().stream().filter(o -> o.id().equals(risk.objective())).findFirst();
    String what =
        objective
            .map(
                o ->
                    Words.of(o.metric())
                        + " is "
                        + Words.value(o.metric(), risk.current())
                        + " of at most "
                        + Words.value(o.metric(), o.bound()))
            .orElse("objective " + risk.objective());
    return what
        + (risk.breached()
            ? ", breached"
            : ", with a probability of breach of " + Words.percent(risk.probability()));
  }

  private static List<String> facts(EvidencePack pack, RankedCause top) {
    return pack.facts().stream()
        .filter(fact -> top.evidence().contains(fact.id()))
        .limit(4)
        .map(fact -> capitalised(fact.statement()) + " [" + fact.id() + "].")
        .toList();
  }

  private static Optional<String> second(List<RankedCause> ranked) {
    return ranked.stream()
        .skip(1)
        .findFirst()
        .filter(cause -> cause.probability() >= WORTH_TELLING)
        .map(
            cause ->
                "Less likely ("
                    + Words.percent(cause.probability())
                    + "): "
                    + Words.clause(cause.cause(), cause.component())
                    + cited(cause.evidence())
                    + ".");
  }

  private static String cited(List<String> ids) {
    return ids.stream().map(id -> " [" + id + "]").collect(Collectors.joining());
  }

  private static String join(List<?> parts) {
    return parts.stream().map(Object::toString).collect(Collectors.joining(", "));
  }

  private static String capitalised(String statement) {
    return statement.substring(0, 1).toUpperCase(Locale.ROOT) + statement.substring(1);
  }
}
