package io.foresplit.forecaster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ForecasterConfigTest {
  @Test
  void defaults_are_those_of_the_documentation() {
    assertThat(ForecasterConfig.defaults())
        .isEqualTo(
            new ForecasterConfig(256, 40, 8, 12, 6, 30, 24, 0.7, 3, 2, 0.2, 16, 8, 0.1, 0.05));
  }

  @Test
  void all_problems_are_reported_at_once() {
    assertThatThrownBy(
            () -> new ForecasterConfig(10, 0, 8, 12, 6, 30, 24, 0.1, 3, 3, 0.2, 16, 8, 1.5, 0.05))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("windowLength must be between 64 and 4096, was 10")
        .hasMessageContaining("horizon must be between 1 and 512, was 0")
        .hasMessageContaining("updateChange must be in (0, 1), was 1.5")
        .hasMessageContaining("resolveProbability must be below openProbability 0.1, was 0.2");
  }
}
