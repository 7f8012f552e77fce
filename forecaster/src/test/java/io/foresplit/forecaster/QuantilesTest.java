package io.foresplit.forecaster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import org.apache.commons.math3.distribution.NormalDistribution;
import org.junit.jupiter.api.Test;

class QuantilesTest {
  private static final NormalDistribution NORMAL = new NormalDistribution(null, 3, 2);

  private static Quantiles normal() {
    return Quantiles.normal(new double[] {3}, new double[] {2});
  }

  @Test
  void theLevelsAreTheDecilesAndTheMedianIsInTheirMiddle() {
    assertThat(Quantiles.LEVELS)
        .containsExactly(0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
        .element(Quantiles.MEDIAN)
        .isEqualTo(0.5);
    for (int level = 0; level < Quantiles.LEVELS.size(); level++) {
      double expected = NORMAL.inverseCumulativeProbability(Quantiles.LEVELS.get(level));
      assertThat(normal().at(level, 0)).isCloseTo(expected, within(1e-9));
    }
  }

  @Test
  void betweenAndBeyondTheLevelsANormalDistributionIsExact() {
    for (double probability : new double[] {0.001, 0.05, 0.25, 0.33, 0.5, 0.75, 0.95, 0.999}) {
      assertThat(normal().quantile(probability, 0))
          .isCloseTo(NORMAL.inverseCumulativeProbability(probability), within(1e-9));
    }
  }

  @Test
  void theHalfSpreadIsThatOfTheQuartiles() {
    Quantiles skewed = normal().map(Math::exp);
    for (Quantiles quantiles : new Quantiles[] {normal(), skewed}) {
      double quartiles = quantiles.quantile(0.75, 0) - quantiles.quantile(0.25, 0);
      assertThat(quantiles.halfSpread(0)).isCloseTo(quartiles / 2, within(1e-9));
    }
    assertThat(skewed.halfSpread(0, Math::log)).isCloseTo(normal().halfSpread(0), within(1e-9));
  }

  @Test
  void rowsThatCrossArePutInOrderStepByStep() {
    double[][] rows = new double[9][2];
    for (int level = 0; level < 9; level++) {
      rows[level][0] = 9 - level;
      rows[level][1] = level;
    }
    Quantiles sorted = Quantiles.sorted(rows);
    for (int level = 0; level < 9; level++) {
      assertThat(sorted.at(level, 0)).isEqualTo(level + 1);
      assertThat(sorted.at(level, 1)).isEqualTo(level);
    }
    assertThat(rows[0][0]).isEqualTo(9);
  }

  @Test
  void anotherNumberOfRowsIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Quantiles(new double[7][3]))
        .withMessage("quantiles need 9 rows of a positive horizon, was 7");
  }
}
