package io.foresplit.bench.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.foresplit.bench.data.NabScoring.NabScore;
import io.foresplit.bench.data.NabSeries.Window;
import java.util.List;
import org.junit.jupiter.api.Test;

class NabScoringTest {
  private static final NabProfile STANDARD = new NabProfile("standard", 1, 1, 0.11);
  private static final NabProfile LOW_FN = new NabProfile("reward_low_FN_rate", 1, 2, 0.11);

  /** 100 rows, 15 of probation, windows of 11 rows. */
  private static final NabSeries SERIES =
      new NabSeries("s.csv", new double[100], List.of(new Window(30, 40), new Window(70, 80)));

  private static NabScore score(NabProfile profile, int... detected) {
    double[] scores = new double[100];
    for (int row : detected) {
      scores[row] = 1;
    }
    return NabScoring.score(List.of(SERIES), List.of(scores), profile);
  }

  @Test
  void aDetectorThatFindsEveryWindowAtItsFirstRowIsPerfect() {
    assertThat(score(STANDARD, 30, 70).normalized()).isEqualTo(100);
    assertThat(score(LOW_FN, 30, 70).normalized()).isEqualTo(100);
    assertThat(score(STANDARD, 30, 70).raw()).isEqualTo(2);
  }

  @Test
  void aDetectorThatSaysNothingHasZero() {
    NabScore score = score(STANDARD);

    assertThat(score.normalized()).isZero();
    assertThat(score.raw()).isEqualTo(-2);
    assertThat(score.threshold()).isInfinite();
    assertThat(score(LOW_FN).raw()).isEqualTo(-4);
  }

  @Test
  void onlyTheEarliestDetectionInAWindowCounts() {
    assertThat(score(STANDARD, 32, 33, 38)).isEqualTo(score(STANDARD, 32));
    assertThat(score(STANDARD, 32).raw()).isGreaterThan(score(STANDARD, 33).raw());
  }

  @Test
  void theWorthOfADetectionFallsAlongTheWindowAsTheSigmoidDoes() {
    double atFirst = NabScoring.sigmoid(-1);
    // row 35 of 30 to 40: 6 rows to go of 11; the other window is missed
    double expected = (2 / (1 + Math.exp(-5 * 6.0 / 11)) - 1) / atFirst - 1;

    assertThat(score(STANDARD, 35).raw()).isCloseTo(expected, within(1e-12));
    assertThat(NabScoring.sigmoid(0)).isZero();
    assertThat(NabScoring.sigmoid(3.01)).isEqualTo(-1);
    assertThat(atFirst).isCloseTo(0.98661, within(1e-5));
  }

  @Test
  void aFalseAlarmCostsMoreTheFartherItIsBehindAWindow() {
    // 5 rows behind a window of 11: place 0.5
    double near = 2 + 0.11 * (2 / (1 + Math.exp(5 * 0.5)) - 1);

    assertThat(score(STANDARD, 30, 70, 45).raw()).isCloseTo(near, within(1e-12));
    assertThat(score(STANDARD, 30, 70, 20).raw()).isCloseTo(2 - 0.11, within(1e-12));
    assertThat(score(STANDARD, 30, 70, 65).raw()).isLessThan(near);
    assertThat(score(new NabProfile("reward_low_FP_rate", 1, 1, 0.22), 30, 70, 20).raw())
        .isCloseTo(2 - 0.22, within(1e-12));
  }

  @Test
  void nothingCountsInProbation() {
    assertThat(SERIES.probation()).isEqualTo(15);
    assertThat(score(STANDARD, 30, 70, 14)).isEqualTo(score(STANDARD, 30, 70));
    assertThat(score(STANDARD, 30, 70, 15).raw()).isLessThan(2);
    assertThat(new NabSeries("long.csv", new double[20_000], List.of()).probation()).isEqualTo(750);
  }

  @Test
  void oneThresholdHoldsForAllSeries() {
    double[] high = new double[100];
    high[30] = 0.9;
    high[70] = 0.9;
    double[] low = new double[100];
    low[30] = 0.3;
    low[70] = 0.3;
    for (int row = 15; row < 30; row++) {
      high[row] = 0.5; // false alarms, from where the second series would be found
    }

    NabScore score = NabScoring.score(List.of(SERIES, SERIES), List.of(high, low), STANDARD);

    assertThat(score.threshold()).isEqualTo(0.3);
    assertThat(score.raw()).isCloseTo(4 - 15 * 0.11, within(1e-12));
  }

  @Test
  void scoresThatAreNotFiniteAreRefused() {
    double[] scores = new double[100];
    scores[50] = Double.NaN;

    assertThatThrownBy(() -> NabScoring.score(List.of(SERIES), List.of(scores), STANDARD))
        .hasMessageContaining("row 50");
  }
}
