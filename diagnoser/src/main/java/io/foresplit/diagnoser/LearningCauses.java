package io.foresplit.diagnoser;

import io.foresplit.contract.Cause;
import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Metric;
import io.foresplit.contract.NodeSpec;
import io.foresplit.contract.SeriesKey;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * Causes that spoil learning. The loss must have risen against its healthy level, which is its
 * newest before the onset, since it falls while it is learnt down; or be gone, for one that is no
 * number is not reported. Which cause it is, a {@link LearningClassifier} tells by how loss,
 * inputs, gradients and activations changed. Where it struck, the order of the segments tells: what
 * leaves those before a node that damages its output is as it was. Pure.
 */
final class LearningCauses {
  /** What is less likely is not worth a place among the causes that are told. */
  private static final double LEAST_BELIEF = 0.02;

  private final LearningClassifier classifier;

  LearningCauses(LearningClassifier classifier) {
    this.classifier = classifier;
  }

  List<Candidate> rank(Scene scene) {
    double loss =
        scene.change(ComponentId.JOB, Metric.LOSS).isEmpty()
            ? 1
            : ResourceCauses.evidenceWeight(scene.badness(ComponentId.JOB, Metric.LOSS));
    if (loss == 0) {
      return List.of();
    }
    List<Candidate> candidates = new ArrayList<>();
    classifier
        .classify(LearningFeatures.of(scene))
        .forEach(
            (cause, belief) -> {
              if (belief >= LEAST_BELIEF) {
                ComponentId struck = struck(scene, cause);
                candidates.add(
                    new Candidate(
                        struck,
                        cause,
                        loss * belief,
                        series(scene, cause, struck),
                        Optional.empty()));
              }
            });
    return candidates;
  }

  private static ComponentId struck(Scene scene, Cause cause) {
    return switch (cause) {
      case CORRUPTED_ACTIVATIONS -> {
        List<Double> variances = LearningFeatures.logRatios(scene, Metric.ACTIVATION_VARIANCE);
        yield segment(scene, LearningFeatures.steps(variances));
      }
      case STALE_WEIGHTS -> segment(scene, LearningFeatures.logRatios(scene, Metric.GRADIENT_NORM));
      case EXPLODING_GRADIENTS -> ComponentId.JOB;
      default -> ComponentId.of(scene.job().dataOwner());
    };
  }

  /** The segment that changed most; the first of several. */
  private static ComponentId segment(Scene scene, List<Double> changes) {
    return ComponentId.of(
        LearningFeatures.segments(scene).get(changes.indexOf(Collections.max(changes))));
  }

  private static List<SeriesKey> series(Scene scene, Cause cause, ComponentId component) {
    SeriesKey loss = new SeriesKey(ComponentId.JOB, Metric.LOSS);
    ComponentId owner = ComponentId.of(scene.job().dataOwner());
    List<SeriesKey> series = new ArrayList<>();
    switch (cause) {
      case EXPLODING_GRADIENTS -> {
        series.addAll(gradients(scene));
        series.add(loss);
      }
      case STALE_WEIGHTS, CORRUPTED_ACTIVATIONS -> {
        series.add(loss);
        series.add(new SeriesKey(component, Metric.ACTIVATION_VARIANCE));
        series.add(new SeriesKey(component, Metric.ACTIVATION_MEAN));
        series.add(new SeriesKey(component, Metric.GRADIENT_NORM));
        series.add(new SeriesKey(owner, Metric.INPUT_VARIANCE));
      }
      default -> {
        series.add(loss);
        series.add(new SeriesKey(owner, Metric.INPUT_MEAN));
        series.add(new SeriesKey(owner, Metric.INPUT_VARIANCE));
        if (cause == Cause.LABEL_DRIFT) {
          series.add(new SeriesKey(owner, Metric.ACTIVATION_MEAN));
          series.addAll(gradients(scene));
        }
      }
    }
    return series;
  }

  private static List<SeriesKey> gradients(Scene scene) {
    return scene.job().nodes().stream()
        .map(NodeSpec::id)
        .map(node -> new SeriesKey(ComponentId.of(node), Metric.GRADIENT_NORM))
        .filter(scene.changes()::containsKey)
        .toList();
  }
}
