package io.foresplit.bench.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import org.junit.jupiter.api.Test;

class RootCauseScoreTest {
  @Test
  void aHitIsARankWithinTheFirstK() {
    Map<String, Double> scores = Map.of("a", 3.0, "b", 2.0, "c", 1.0);

    assertThat(RootCauseScore.hit(scores, "a", 1)).isEqualTo(1);
    assertThat(RootCauseScore.hit(scores, "b", 1)).isZero();
    assertThat(RootCauseScore.hit(scores, "b", 2)).isEqualTo(1);
  }

  @Test
  void equalScoresAreInRandomOrder() {
    Map<String, Double> scores = Map.of("a", 3.0, "b", 1.0, "c", 1.0, "d", 1.0);

    assertThat(RootCauseScore.hit(scores, "c", 1)).isZero();
    assertThat(RootCauseScore.hit(scores, "c", 2)).isCloseTo(1.0 / 3, within(1e-12));
    assertThat(RootCauseScore.hit(scores, "c", 5)).isEqualTo(1);
  }

  @Test
  void whatIsNotRankedIsNotHit() {
    assertThat(RootCauseScore.hit(Map.of(), "a", 5)).isZero();
  }
}
