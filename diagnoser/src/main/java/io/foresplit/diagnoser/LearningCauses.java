package io.foresplit.diagnoser;

import io.foresplit.contract.Cause;
import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Metric;
import io.foresplit.contract.NodeSpec;
import io.foresplit.contract.SeriesKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Causes that spoil learning. The loss must have risen against its healthy level, which is its
 * newest before the onset, since it falls while it is learnt down. Then the inputs of the first
 * layer tell drifting features from drifting labels; activations cannot, for training on wrong
 * labels changes the weights and so, within seconds, the activations. Gradients several times as
 * large tell a diverging optimisation from both; they are compared within one epoch only. Pure.
 */
final class LearningCauses {
  /**
   * Powers of ten by which gradients must grow to begin to count as exploding, and to be sure.
   * Under a drift of labels or features they grow to 2.5 times, see docs/simulation.md.
   */
  private static final double GROWN = 0.5;

  private static final double EXPLODED = 1;

  /** Belief in feature drift while nobody reports inputs. */
  private static final double UNKNOWN_FEATURES = 0.25;

  /** Change scores at which inputs may have changed, and surely have. */
  private static final double INPUT_MOVED = 2.5;

  private static final double INPUT_FAR = 6;

  private LearningCauses() {}

  static List<Candidate> rank(Scene scene) {
    ComponentId owner = ComponentId.of(scene.job().dataOwner());
    double loss = ResourceCauses.evidenceWeight(scene.badness(ComponentId.JOB, Metric.LOSS));
    boolean lossGone = isLossGone(scene);
    double exploding = exploding(scene);
    double features = features(scene, owner);
    SeriesKey lossSeries = new SeriesKey(ComponentId.JOB, Metric.LOSS);
    List<SeriesKey> gradients =
        scene.job().nodes().stream()
            .map(NodeSpec::id)
            .map(node -> new SeriesKey(ComponentId.of(node), Metric.GRADIENT_NORM))
            .filter(scene.changes()::containsKey)
            .toList();
    List<SeriesKey> drift = new ArrayList<>(List.of(lossSeries));
    drift.add(new SeriesKey(owner, Metric.INPUT_MEAN));
    drift.add(new SeriesKey(owner, Metric.INPUT_VARIANCE));
    List<SeriesKey> labels = new ArrayList<>(drift);
    labels.add(new SeriesKey(owner, Metric.ACTIVATION_MEAN));
    labels.addAll(gradients);
    List<SeriesKey> explosion = new ArrayList<>(gradients);
    explosion.add(lossSeries);
    return List.of(
        candidate(owner, Cause.LABEL_DRIFT, loss * (1 - features) * (1 - exploding), labels),
        candidate(owner, Cause.FEATURE_DRIFT, loss * features * (1 - exploding), drift),
        candidate(
            ComponentId.JOB,
            Cause.EXPLODING_GRADIENTS,
            (lossGone ? 1 : loss) * exploding,
            explosion));
  }

  private static Candidate candidate(
      ComponentId component, Cause cause, double score, List<SeriesKey> series) {
    return new Candidate(component, cause, score, series, Optional.empty());
  }

  /** A loss that is no number is not reported, while gradients still are. */
  private static boolean isLossGone(Scene scene) {
    return scene.change(ComponentId.JOB, Metric.LOSS).isEmpty();
  }

  private static double exploding(Scene scene) {
    double orders =
        scene.job().nodes().stream()
            .flatMap(n -> scene.change(ComponentId.of(n.id()), Metric.GRADIENT_NORM).stream())
            .mapToDouble(change -> Math.log10(change.ratio()))
            .max()
            .orElse(0);
    return between(orders, GROWN, EXPLODED);
  }

  private static double features(Scene scene, ComponentId owner) {
    Optional<Change> mean = scene.change(owner, Metric.INPUT_MEAN);
    Optional<Change> variance = scene.change(owner, Metric.INPUT_VARIANCE);
    if (mean.isEmpty() && variance.isEmpty()) {
      return UNKNOWN_FEATURES;
    }
    double moved =
        Math.max(mean.map(Change::badness).orElse(0.0), variance.map(Change::badness).orElse(0.0));
    return between(moved, INPUT_MOVED, INPUT_FAR);
  }

  private static double between(double value, double low, double high) {
    return Math.max(0, Math.min(1, (value - low) / (high - low)));
  }
}
