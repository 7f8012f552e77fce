package io.foresplit.forecaster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SeasonTest {
  private static double[] wave(int period, int length, double noise, double wander, long seed) {
    Random random = new Random(seed);
    double[] values = new double[length];
    double level = 0;
    for (int i = 0; i < length; i++) {
      level += wander * random.nextGaussian();
      double phase = 2 * Math.PI * i / period;
      values[i] =
          level + Math.sin(phase) + 0.5 * Math.cos(2 * phase) + noise * random.nextGaussian();
    }
    return values;
  }

  @ParameterizedTest
  @ValueSource(ints = {7, 12, 24, 48, 96, 168, 288})
  void aPeriodIsFoundInNoise(int period) {
    assertThat(Season.of(wave(period, 512, 0.3, 0, 1)).period()).isEqualTo(period);
  }

  @ParameterizedTest
  @ValueSource(ints = {7, 12, 24})
  void aWanderingLevelHidesNoShortPeriod(int period) {
    assertThat(Season.of(wave(period, 512, 0.2, 0.2, 2)).period()).isEqualTo(period);
  }

  @Test
  void gapsHideNoPeriod() {
    double[] values = wave(24, 512, 0.2, 0, 3);
    Random random = new Random(4);
    Arrays.setAll(values, i -> random.nextInt(5) == 0 ? Double.NaN : values[i]);
    assertThat(Season.of(values).period()).isEqualTo(24);
  }

  @Test
  void whatDoesNotRepeatHasNoSeason() {
    Random random = new Random(5);
    double[] noise = random.doubles(512).toArray();
    double[] walk = noise.clone();
    Arrays.parallelPrefix(walk, (sum, next) -> sum + next - 0.5);
    double[] constant = new double[512];
    assertThat(Season.of(noise)).isEqualTo(Season.NONE);
    assertThat(Season.of(walk)).isEqualTo(Season.NONE);
    assertThat(Season.of(constant)).isEqualTo(Season.NONE);
    assertThat(Season.of(new double[] {1, 2, 1, 2, 1, 2})).isEqualTo(Season.NONE);
  }

  @Test
  void aLongPeriodIsOnlyUsedWhereAWindowHoldsIt() {
    Season season = Season.of(wave(288, 2048, 0.3, 0, 6), 512);
    assertThat(season.period()).isEqualTo(288);
    assertThat(season.within(new double[512])).isEqualTo(season);
    assertThat(season.within(new double[300])).isEqualTo(Season.NONE);
  }

  @Test
  void aMeanOfAPhaseIsOfItsValuesAlone() {
    double[] window = {1, 10, Double.NaN, 20, 3, Double.NaN};
    double[] means = new Season(2).means(window, 1);
    assertThat(means).containsExactly(1, 10, 1, 15, 2, 15);
  }
}
