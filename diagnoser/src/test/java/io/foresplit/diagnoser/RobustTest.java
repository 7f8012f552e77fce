package io.foresplit.diagnoser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Order statistics. */
class RobustTest {
  @Test
  void theMedianIsThatOfTheSortedValues() {
    Random random = new Random(4);
    for (int round = 0; round < 2_000; round++) {
      double[] values = new double[random.nextInt(70)];
      int distinct = 1 + random.nextInt(60);
      Arrays.setAll(
          values, i -> random.nextInt(10) == 0 ? Double.NaN : random.nextInt(distinct) - 20.0);
      double[] before = values.clone();
      double[] sorted = Arrays.stream(values).filter(v -> !Double.isNaN(v)).sorted().toArray();
      int n = sorted.length;
      double expected = n == 0 ? Double.NaN : (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
      assertThat(Robust.median(values)).isEqualTo(Double.valueOf(expected));
      assertThat(values).as("the values themselves stay").isEqualTo(before);
    }
  }

  @Test
  void someWildValuesAndASlowTrendAreNoNoise() {
    Random random = new Random(5);
    double[] values = new double[60];
    Arrays.setAll(values, i -> 3 - 0.5 * i + 0.1 * random.nextGaussian());
    for (int i = 0; i < 60; i += 12) {
      values[i] = 1e9;
    }
    assertThat(Robust.noise(values)).isCloseTo(0.1, within(0.07));
  }
}
