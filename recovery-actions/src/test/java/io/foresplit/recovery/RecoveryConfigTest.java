package io.foresplit.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class RecoveryConfigTest {
  @Test
  void defaults() {
    assertThat(RecoveryConfig.defaults())
        .isEqualTo(
            new RecoveryConfig(
                "foresplit",
                new RecoveryConfig.Planning(0.10, 0.5, Duration.ofSeconds(60), 0.10),
                new RecoveryConfig.Limits(
                    0.5, Duration.ofSeconds(6), 4, 20, Duration.ofSeconds(30)),
                new RecoveryConfig.Verification(6, 10, 60, 0.10, 0.25),
                Duration.ofSeconds(60),
                Duration.ofSeconds(10)));
  }

  @Test
  void allProblemsAreToldAtOnce() {
    assertThatThrownBy(() -> new RecoveryConfig.Planning(1.5, -1, Duration.ZERO, 0.1))
        .hasMessage(
            "recovery.planning: minGain must be in [0, 1], was 1.5;"
                + " forecastWeight must be in [0, 1], was -1.0;"
                + " paybackHorizon must be positive, was PT0S");
  }
}
