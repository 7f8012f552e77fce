package io.foresplit.diagnoser;

import io.foresplit.contract.Cause;
import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Degradation;
import io.foresplit.contract.Metric;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.PlacementPlanner;
import io.foresplit.contract.SeriesKey;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Ranks the closed set of causes over the topology by statistics alone. Every candidate has a score
 * in [0, 1]; one below {@link DiagnoserConfig#abstainScore()} does not stand out, and when none
 * does, the ranking is empty. What is at risk says what is asked first: objectives on time lead to
 * links and nodes, objectives on learning to data and optimisation, both when the incident says
 * neither; the others count half. A cause of another kind than the one the incident was classified
 * as loses up to a quarter; one of a component that was deployed or declared anew shortly before
 * gains a tenth. A silent node is a cause by itself. Pure; ties keep the order of the chain, never
 * of names.
 *
 * <p>Probabilities are a softmax of the scores with temperature {@value #TEMPERATURE}, in which "no
 * known cause" takes part with the score at which the ranker abstains; so those of the causes add
 * up to less than 1. The temperature is the one at which the first cause's probability has the
 * least log loss in the suite {@code training}.
 */
final class CauseRanker {
  private static final double TEMPERATURE = 0.2;

  /** A node that says nothing is observed, not inferred. */
  private static final double SILENT = 1;

  /** While a node is silent, what others measure follows from that. */
  private static final double BESIDE_SILENCE = 0.5;

  /** What threatens none of the objectives at risk may be true beside what does. */
  private static final double BESIDE_RISK = 0.5;

  /** What a cause of another kind than the incident's loses, where that kind is certain. */
  private static final double OTHER_KIND = 0.25;

  private final DiagnoserConfig config;
  private final ResourceCauses resources;
  private final LearningCauses learning;

  /** What the cause of a component gains that was changed not long before: no cause by itself. */
  private static final double CHANGED = 0.1;

  CauseRanker(DiagnoserConfig config, PlacementPlanner planner, LearningClassifier learning) {
    this.config = config;
    this.resources = new ResourceCauses(planner);
    this.learning = new LearningCauses(learning);
  }

  /** A candidate with its share of belief. */
  record Ranked(Candidate candidate, double probability) {}

  List<Ranked> rank(Scene scene) {
    Set<ComponentId> changed = ChangeEvents.changed(scene.topologies(), scene.onset());
    List<Candidate> candidates =
        candidates(scene).stream()
            .map(c -> scaled(c, 1 - OTHER_KIND * otherKind(c, scene.incident().degradation())))
            .map(c -> changed.contains(c.component()) ? scaled(c, 1 + CHANGED) : c)
            .filter(c -> c.score() > 0)
            .sorted(Comparator.comparingDouble(Candidate::score).reversed())
            .toList();
    if (candidates.isEmpty() || candidates.get(0).score() < config.abstainScore()) {
      return List.of();
    }
    double total =
        weight(config.abstainScore())
            + candidates.stream().mapToDouble(c -> weight(c.score())).sum();
    return candidates.stream()
        .limit(config.rankedLimit())
        .map(c -> new Ranked(c, weight(c.score()) / total))
        .toList();
  }

  /** How certain it is that the incident is of another kind of degradation than a candidate. */
  private static double otherKind(Candidate candidate, Degradation told) {
    return told.isKnown() && candidate.cause().kind() != told.kind() ? told.probability() : 0;
  }

  private static double weight(double score) {
    return Math.exp(score / TEMPERATURE);
  }

  private List<Candidate> candidates(Scene scene) {
    List<Metric> atRisk = scene.metricsAtRisk();
    boolean learnt = atRisk.stream().anyMatch(CauseRanker::isLearning);
    boolean time = atRisk.stream().anyMatch(metric -> !isLearning(metric));
    boolean unknown = atRisk.isEmpty() && scene.incident().silent().isEmpty();
    List<Candidate> inferred = new ArrayList<>();
    double resourceWeight = time || unknown ? 1 : BESIDE_RISK;
    resources.rank(scene).forEach(c -> inferred.add(scaled(c, resourceWeight)));
    double learningWeight = learnt || unknown ? 1 : BESIDE_RISK;
    learning.rank(scene).forEach(c -> inferred.add(scaled(c, learningWeight)));
    if (scene.incident().silent().isEmpty()) {
      return inferred;
    }
    List<Candidate> all = new ArrayList<>();
    scene.job().nodes().stream()
        .filter(node -> scene.incident().silent().contains(node.id()))
        .forEach(node -> all.add(silent(node.id())));
    inferred.forEach(c -> all.add(scaled(c, BESIDE_SILENCE)));
    return all;
  }

  private static Candidate silent(NodeId node) {
    ComponentId component = ComponentId.of(node);
    return new Candidate(
        component,
        Cause.NODE_LOSS,
        SILENT,
        List.of(new SeriesKey(component, Metric.CPU_SHARE)),
        Optional.empty());
  }

  private static Candidate scaled(Candidate c, double by) {
    return new Candidate(
        c.component(), c.cause(), Math.min(1, c.score() * by), c.series(), c.whatIf());
  }

  private static boolean isLearning(Metric metric) {
    return switch (metric) {
      case LOSS, GRADIENT_NORM, ACTIVATION_MEAN, ACTIVATION_VARIANCE, INPUT_MEAN, INPUT_VARIANCE ->
          true;
      case FORWARD_SECONDS,
          BACKWARD_SECONDS,
          QUEUE_WAIT_SECONDS,
          SLOWDOWN,
          TRANSFER_SECONDS,
          TRANSFER_BYTES,
          LINK_RATE,
          LINK_DELAY_SECONDS,
          CPU_SHARE,
          HEAP_BYTES,
          NATIVE_BYTES,
          STEP_SECONDS,
          STEPS_PER_SECOND ->
          false;
    };
  }
}
