package io.foresplit.diagnoser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.foresplit.contract.Cause;
import io.foresplit.contract.DegradationKind;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What tells causes of learning apart. */
class LearningModelTest {
  private static final int WIDTH = LearningFeatures.NAMES.size() + 1;

  @Test
  void theOneThatIsBuiltInKnowsEveryCauseOfLearning() {
    Set<Cause> causes = EnumSet.allOf(Cause.class);
    causes.removeIf(cause -> cause.kind() != DegradationKind.MODEL_DRIFT);
    Map<Cause, Double> beliefs = LearningModel.bundled().classify(features(Map.of("loss", 0.5)));
    assertThat(beliefs.keySet()).isEqualTo(causes);
    assertThat(beliefs.values()).allMatch(belief -> belief >= 0 && belief <= 1);
    assertThat(sum(beliefs)).isLessThanOrEqualTo(1);
  }

  @Test
  void whatBeliefsLackOfOneIsThatItIsNoneOfThem() {
    double[] far = weights(0);
    far[WIDTH - 1] = -50;
    LearningModel unlikely = new LearningModel(Map.of(Cause.LABEL_DRIFT, far), new TreeMap<>());
    assertThat(sum(unlikely.classify(features(Map.of())))).isLessThan(1e-9);
    LearningModel even =
        new LearningModel(
            Map.of(Cause.LABEL_DRIFT, weights(0), Cause.FEATURE_DRIFT, weights(0)),
            new TreeMap<>());
    assertThat(even.classify(features(Map.of())).values())
        .allSatisfy(belief -> assertThat(belief).isCloseTo(1.0 / 3, within(1e-12)));
  }

  @Test
  void aModelNeedsAFiniteWeightOfEveryFeature() {
    assertThatThrownBy(() -> new LearningModel(Map.of(), new TreeMap<>()))
        .hasMessageContaining(WIDTH + " finite weights");
    assertThatThrownBy(
            () ->
                new LearningModel(
                    Map.of(Cause.LABEL_DRIFT, new double[WIDTH - 1]), new TreeMap<>()))
        .hasMessageContaining(WIDTH + " finite weights");
    assertThatThrownBy(
            () ->
                new LearningModel(Map.of(Cause.LABEL_DRIFT, weights(Double.NaN)), new TreeMap<>()))
        .hasMessageContaining(WIDTH + " finite weights");
  }

  private static double[] weights(double value) {
    double[] weights = new double[WIDTH];
    Arrays.fill(weights, value);
    return weights;
  }

  private static LearningFeatures features(Map<String, Double> some) {
    Map<String, Double> values = new LinkedHashMap<>();
    LearningFeatures.NAMES.forEach(name -> values.put(name, some.getOrDefault(name, 0.0)));
    return new LearningFeatures(values);
  }

  private static double sum(Map<Cause, Double> beliefs) {
    return beliefs.values().stream().mapToDouble(Double::doubleValue).sum();
  }
}
