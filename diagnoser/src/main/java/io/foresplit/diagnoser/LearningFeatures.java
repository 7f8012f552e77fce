package io.foresplit.diagnoser;

import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Metric;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.NodeSpec;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * How learning changed at an incident: of the loss, of what enters the first layer, and of what
 * segments put out and learn by, the greatest and least change, those of the first and the last
 * segment, and the greatest difference between one segment and the one before it. So a job of any
 * number of nodes has the same features, at any cut. Immutable.
 *
 * @param values by name, in [-1, 1]; what was not reported is 0
 */
public record LearningFeatures(Map<String, Double> values) {
  private static final Set<String> OF_JOB =
      Set.of("loss", "loss.gone", "input.mean", "input.variance");
  private static final List<String> OF_SEGMENTS =
      List.of("most", "least", "first", "last", "rise", "fall");

  /** Names of all features, in a fixed order. */
  public static final List<String> NAMES = names();

  /** A change by a factor of e to this power is half way to the largest. */
  private static final double HALF_WAY = 2;

  /** So many units of noise are half way. */
  private static final double HALF_NOISE = 10;

  public LearningFeatures {
    values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
  }

  private static List<String> names() {
    List<String> names = new ArrayList<>(OF_JOB.stream().sorted().toList());
    for (String of : List.of("variance", "gradient", "difference")) {
      OF_SEGMENTS.forEach(what -> names.add(of + "." + what));
    }
    return List.copyOf(names);
  }

  static LearningFeatures of(Scene scene) {
    Map<String, Double> values = new LinkedHashMap<>();
    NAMES.forEach(name -> values.put(name, 0.0));
    scene
        .change(ComponentId.JOB, Metric.LOSS)
        .ifPresentOrElse(
            change -> values.put("loss", squashed(logRatio(change), HALF_WAY)),
            () -> values.put("loss.gone", 1.0));
    ComponentId owner = ComponentId.of(scene.job().dataOwner());
    values.put("input.mean", moved(scene, owner, Metric.INPUT_MEAN));
    values.put("input.variance", moved(scene, owner, Metric.INPUT_VARIANCE));
    List<Double> variances = logRatios(scene, Metric.ACTIVATION_VARIANCE);
    List<Double> gradients = logRatios(scene, Metric.GRADIENT_NORM);
    put(values, "variance", variances);
    put(values, "gradient", gradients);
    List<Double> differences = new ArrayList<>();
    for (int i = 0; i < variances.size(); i++) {
      differences.add(variances.get(i) - gradients.get(i));
    }
    put(values, "difference", differences);
    return new LearningFeatures(values);
  }

  /** Nodes with layers, the data owner first. */
  static List<NodeId> segments(Scene scene) {
    return scene.job().nodes().stream()
        .map(NodeSpec::id)
        .filter(node -> scene.placement().firstLayer(node) >= 0)
        .toList();
  }

  /** Of each segment, in order; 0 where nothing is known. */
  static List<Double> logRatios(Scene scene, Metric metric) {
    return segments(scene).stream()
        .map(node -> scene.change(ComponentId.of(node), metric))
        .map(change -> change.map(LearningFeatures::logRatio).orElse(0.0))
        .toList();
  }

  /** From each segment to the next; to the first from no change. */
  static List<Double> steps(List<Double> segments) {
    List<Double> steps = new ArrayList<>();
    double before = 0;
    for (double segment : segments) {
      steps.add(segment - before);
      before = segment;
    }
    return steps;
  }

  private static void put(Map<String, Double> values, String of, List<Double> segments) {
    if (segments.isEmpty()) {
      return;
    }
    List<Double> steps = steps(segments);
    values.put(of + ".most", squashed(Collections.max(segments), HALF_WAY));
    values.put(of + ".least", squashed(Collections.min(segments), HALF_WAY));
    values.put(of + ".first", squashed(segments.get(0), HALF_WAY));
    values.put(of + ".last", squashed(segments.get(segments.size() - 1), HALF_WAY));
    values.put(of + ".rise", squashed(Math.max(0, Collections.max(steps)), HALF_WAY));
    values.put(of + ".fall", squashed(Math.min(0, Collections.min(steps)), HALF_WAY));
  }

  private static double moved(Scene scene, ComponentId owner, Metric metric) {
    return scene
        .change(owner, metric)
        .map(change -> squashed(change.badness(), HALF_NOISE))
        .orElse(0.0);
  }

  private static double logRatio(Change change) {
    double ratio = Math.log(change.ratio());
    return Double.isNaN(ratio) ? 0 : ratio;
  }

  private static double squashed(double value, double halfWay) {
    return value / (Math.abs(value) + halfWay);
  }
}
