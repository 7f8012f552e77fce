package io.foresplit.forecaster;

import static org.assertj.core.api.Assertions.assertThat;

import io.foresplit.contract.Metric;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

class ShiftDetectorTest {
  private static final Logger LOG = LoggerFactory.getLogger(ShiftDetectorTest.class);
  private static final int LEARNT = 30;
  private static final double SIGMA = 0.15;
  private static final double BOUND = 6 * SIGMA;

  /** Intervals of 5 s in 100 hours. */
  private static final int HUNDRED_HOURS = 72_000;

  private final ShiftDetector detector = new ShiftDetector();
  private final List<Double> values = new ArrayList<>();

  private boolean next(double value) {
    values.add(value);
    detector.observe(value, Metric.LOSS);
    boolean shifted = detector.hasShifted(BOUND, 0.5, LEARNT);
    if (!shifted) {
      int from = Math.max(0, values.size() - 64);
      double[] window = values.stream().skip(from).mapToDouble(Double::doubleValue).toArray();
      detector.learn(window, Metric.LOSS, LEARNT);
    }
    return shifted;
  }

  private void healthy(Random random, int count) {
    for (int i = 0; i < count; i++) {
      assertThat(next(SIGMA * random.nextGaussian())).isFalse();
    }
  }

  @Test
  void noiseIsAlarmedLessThanOnceInAHundredHours() {
    int alarms = 0;
    int sums = 0;
    int jobs = 100;
    for (int seed = 0; seed < jobs; seed++) {
      Random random = new Random(seed);
      ShiftDetector one = new ShiftDetector();
      double[] window = new double[64];
      for (int i = 0; i < HUNDRED_HOURS / 10; i++) {
        double value = SIGMA * random.nextGaussian();
        System.arraycopy(window, 1, window, 0, window.length - 1);
        window[window.length - 1] = value;
        one.observe(value, Metric.LOSS);
        boolean shifted = one.hasShifted(BOUND, 0.5, LEARNT);
        alarms += shifted ? 1 : 0;
        sums += one.isSuspicious() ? 1 : 0;
        if (shifted) {
          one.restart();
        }
        one.learn(window, Metric.LOSS, LEARNT);
      }
    }
    LOG.info("{} alarms in {} hours of noise, {} suspicions", alarms, jobs * 10, sums);
    assertThat(alarms).isLessThanOrEqualTo(jobs / 10);
  }

  @Test
  void aJumpBeyondAllNoiseTakesTwoValuesAndOneWildValueIsNone() {
    healthy(new Random(1), 100);
    assertThat(next(2 * BOUND)).isFalse();
    healthy(new Random(2), 20);
    assertThat(next(BOUND)).isFalse();
    assertThat(next(Double.NaN)).isFalse();
    assertThat(next(BOUND)).isTrue();
  }

  @Test
  void whatIsHealthyMustHaveBeenLearntFirst() {
    healthy(new Random(5), LEARNT - 5);
    for (int i = 0; i < 3; i++) {
      assertThat(next(BOUND)).isFalse();
    }
  }

  @Test
  void whatRisesSlowlyDoesNotBecomeNormal() {
    Random random = new Random(3);
    healthy(random, 100);
    int hour = 720;
    int at = 0;
    while (at < hour && !next(BOUND * at / hour + SIGMA * random.nextGaussian())) {
      at++;
    }
    assertThat(at).isLessThan(2 * hour / 3);
  }

  @Test
  void whatIsLeftBehindIsWhatAFurtherRiseIsComparedWith() {
    healthy(new Random(4), 100);
    next(BOUND);
    assertThat(next(BOUND)).isTrue();
    detector.recenter(BOUND);
    assertThat(detector.isSuspicious()).isFalse();
    assertThat(detector.hasShifted(2 * BOUND, 0.5, LEARNT)).isFalse();
  }
}
