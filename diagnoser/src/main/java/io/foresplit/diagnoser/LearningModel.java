package io.foresplit.diagnoser;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.foresplit.contract.Cause;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A multinomial logistic regression on {@link LearningFeatures}, trained by {@code ./foresplit
 * train causes} on faults that were injected in simulation. A file of numbers, so that nothing but
 * arithmetic is needed to use it. Immutable.
 */
public final class LearningModel implements LearningClassifier {
  private static final String BUNDLED = "learning-causes.json";
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private final Map<Cause, double[]> weights;
  private final SortedMap<String, String> origin;

  /**
   * A model.
   *
   * @param weights of each cause: one of each feature in the order of {@link
   *     LearningFeatures#NAMES}, then the bias; those of "no cause of learning" are 0
   * @param origin what it was trained on, by name
   */
  public LearningModel(Map<Cause, double[]> weights, SortedMap<String, String> origin) {
    if (weights.isEmpty()
        || weights.values().stream()
            .anyMatch(
                of ->
                    of.length != LearningFeatures.NAMES.size() + 1
                        || !Arrays.stream(of).allMatch(Double::isFinite))) {
      throw new IllegalArgumentException(
          "a model needs causes, and of each "
              + (LearningFeatures.NAMES.size() + 1)
              + " finite weights");
    }
    this.weights = new EnumMap<>(weights);
    this.weights.replaceAll((cause, of) -> of.clone());
    this.origin = new TreeMap<>(origin);
  }

  /** The one that is built in. */
  public static LearningModel bundled() {
    return Bundled.MODEL;
  }

  private static final class Bundled {
    static final LearningModel MODEL = load();

    private static LearningModel load() {
      try (InputStream in = LearningModel.class.getResourceAsStream(BUNDLED)) {
        if (in == null) {
          throw new IllegalStateException("this build has no " + BUNDLED);
        }
        return JSON.readValue(in, Form.class).model();
      } catch (IOException e) {
        throw new IllegalStateException("the built-in model cannot be read: " + e.getMessage(), e);
      }
    }
  }

  /** As it is written. */
  @JsonPropertyOrder({"origin", "features", "weights"})
  private record Form(
      SortedMap<String, String> origin,
      List<String> features,
      SortedMap<String, List<Double>> weights) {
    LearningModel model() {
      if (!features.equals(LearningFeatures.NAMES)) {
        throw new IllegalArgumentException(
            "the model is for other features: "
                + features
                + "; ./foresplit train causes writes one");
      }
      Map<Cause, double[]> of = new EnumMap<>(Cause.class);
      for (Cause cause : Cause.values()) {
        List<Double> numbers = weights.get(cause.label());
        if (numbers != null) {
          of.put(cause, numbers.stream().mapToDouble(Double::doubleValue).toArray());
        }
      }
      return new LearningModel(of, origin);
    }
  }

  /** The file. */
  public String json() {
    SortedMap<String, List<Double>> numbers = new TreeMap<>();
    weights.forEach((cause, of) -> numbers.put(cause.label(), Arrays.stream(of).boxed().toList()));
    try {
      return JSON.writeValueAsString(new Form(origin, LearningFeatures.NAMES, numbers)) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a model of numbers is always JSON", e);
    }
  }

  @Override
  public Map<Cause, Double> classify(LearningFeatures features) {
    Map<Cause, Double> logits = new EnumMap<>(Cause.class);
    weights.forEach((cause, of) -> logits.put(cause, logit(of, features)));
    double most = Math.max(0, Collections.max(logits.values()));
    double total =
        Math.exp(-most) + logits.values().stream().mapToDouble(l -> Math.exp(l - most)).sum();
    logits.replaceAll((cause, logit) -> Math.exp(logit - most) / total);
    return logits;
  }

  private static double logit(double[] weights, LearningFeatures features) {
    int bias = LearningFeatures.NAMES.size();
    double sum = weights[bias];
    for (int i = 0; i < bias; i++) {
      sum += weights[i] * features.values().getOrDefault(LearningFeatures.NAMES.get(i), 0.0);
    }
    return sum;
  }
}
