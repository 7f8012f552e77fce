package io.foresplit.bench.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.foresplit.bench.diagnosis.KnownCause;
import io.foresplit.contract.Cause;
import io.foresplit.diagnoser.LearningFeatures;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The classifier of causes of learning is learnt from examples. */
class CauseTrainingTest {
  @Test
  void whatCanBeToldApartIsToldApart() {
    CauseTraining.Trained trained = CauseTraining.train(examples(), new TreeMap<>());
    assertThat(trained.heldOut().keySet()).containsExactly("feature-drift", "label-drift", "none");
    trained
        .heldOut()
        .forEach((truth, named) -> assertThat(named).as(truth).containsOnlyKeys(truth));
    Map<Cause, Double> beliefs =
        trained.model().classify(features(Map.of("loss", 0.5, "input.mean", 0.7)));
    assertThat(beliefs.get(Cause.FEATURE_DRIFT)).isGreaterThan(0.8);
    assertThat(
            trained.model().classify(features(Map.of())).values().stream()
                .mapToDouble(Double::doubleValue)
                .sum())
        .isLessThan(0.2);
  }

  @Test
  void theSameExamplesGiveTheSameFile() {
    assertThat(CauseTraining.train(examples(), new TreeMap<>()).model().json())
        .isEqualTo(CauseTraining.train(examples(), new TreeMap<>()).model().json());
  }

  @Test
  void oneSeedIsTooFewToJudgeBy() {
    List<KnownCause> ofOneSeed = examples().stream().filter(known -> known.seed() == 1).toList();
    assertThatThrownBy(() -> CauseTraining.train(ofOneSeed, new TreeMap<>()))
        .hasMessageContaining("two seeds at least");
  }

  private static List<KnownCause> examples() {
    Random random = new Random(3);
    List<KnownCause> known = new ArrayList<>();
    for (long seed = 1; seed <= 2; seed++) {
      for (int i = 0; i < 40; i++) {
        double noise = 0.05 * random.nextGaussian();
        known.add(known(seed, Optional.of(Cause.LABEL_DRIFT), 0.5 + noise, 0.1 - noise));
        known.add(known(seed, Optional.of(Cause.FEATURE_DRIFT), 0.5 - noise, 0.7 + noise));
        known.add(known(seed, Optional.empty(), 0.05 + noise, 0.05 + noise));
      }
    }
    return known;
  }

  private static KnownCause known(long seed, Optional<Cause> cause, double loss, double inputs) {
    return new KnownCause(seed, cause, features(Map.of("loss", loss, "input.mean", inputs)), 1);
  }

  private static LearningFeatures features(Map<String, Double> some) {
    Map<String, Double> values = new LinkedHashMap<>();
    LearningFeatures.NAMES.forEach(name -> values.put(name, some.getOrDefault(name, 0.0)));
    return new LearningFeatures(values);
  }
}
