package io.foresplit.forecaster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;

class SeriesForecasterTest {
  private static SeriesForecaster after(int values, int horizon, IntToDoubleFunction series) {
    SeriesForecaster forecaster = new SeriesForecaster(512, horizon);
    for (int i = 0; i < values; i++) {
      forecaster.append(series.applyAsDouble(i));
    }
    return forecaster;
  }

  @Test
  void aConstantIsForecastAsItself() {
    Quantiles quantiles = after(100, 300, i -> -7.25).forecast().orElseThrow();
    assertThat(quantiles.horizon()).isEqualTo(300);
    assertThat(quantiles.quantile(0.1, 299)).isEqualTo(-7.25);
    assertThat(quantiles.quantile(0.9, 0)).isEqualTo(-7.25);
  }

  @Test
  void aLineGoesOn() {
    Quantiles quantiles = after(600, 24, i -> 1e6 + 3.0 * i).forecast().orElseThrow();
    assertThat(quantiles.quantile(0.5, 23)).isCloseTo(1e6 + 3.0 * 623, within(10.0));
  }

  @Test
  void aSeasonIsRepeated() {
    Random random = new Random(1);
    IntToDoubleFunction day =
        i -> 100 + 30 * Math.sin(2 * Math.PI * i / 24) + random.nextGaussian();
    Quantiles quantiles = after(2000, 48, day).forecast().orElseThrow();
    for (int step = 0; step < 48; step++) {
      double expected = 100 + 30 * Math.sin(2 * Math.PI * (2000 + step) / 24);
      assertThat(quantiles.quantile(0.5, step)).isCloseTo(expected, within(6.0));
    }
  }

  @Test
  void theScaleOfTheSeriesIsThatOfTheForecast() {
    Quantiles one = after(300, 5, i -> Math.sin(i * i)).forecast().orElseThrow();
    Quantiles other = after(300, 5, i -> 1e9 * Math.sin(i * i)).forecast().orElseThrow();
    assertThat(other.quantile(0.9, 4)).isCloseTo(1e9 * one.quantile(0.9, 4), within(1.0));
  }

  @Test
  void quantilesRise() {
    Random random = new Random(2);
    Quantiles quantiles = after(300, 5, i -> random.nextGaussian()).forecast().orElseThrow();
    for (int decile = 2; decile <= 9; decile++) {
      assertThat(quantiles.quantile(decile / 10.0, 4))
          .isGreaterThan(quantiles.quantile((decile - 1) / 10.0, 4));
    }
  }

  @Test
  void tooFewValuesAreNotForecast() {
    assertThat(after(5, 3, i -> i).forecast()).isEmpty();
    assertThat(after(50, 3, i -> Double.NaN).forecast()).isEmpty();
  }

  @Test
  void whatCannotBeAskedIsSaid() {
    assertThatThrownBy(() -> new SeriesForecaster(512, 0))
        .hasMessage("horizon must be positive, was 0");
    assertThatThrownBy(() -> new SeriesForecaster(5, 1)).hasMessageContaining("context must be");
    assertThatThrownBy(() -> new SeriesForecaster(9, 1).append(Double.POSITIVE_INFINITY))
        .hasMessageContaining("finite");
  }

  @Test
  void theLargestValuesHaveFiniteForecasts() {
    Random random = new Random(3);
    assertFinite(after(300, 50, i -> (random.nextBoolean() ? 1 : -1) * 1e300));
    assertFinite(after(300, 50, i -> i % 40 == 7 ? 1e300 : random.nextGaussian()));
    assertFinite(after(300, 50, i -> 1e-300 * random.nextGaussian()));
    assertThatThrownBy(() -> new SeriesForecaster(9, 1).append(-1e308))
        .hasMessageContaining("from -1.0E300 to 1.0E300");
  }

  private static void assertFinite(SeriesForecaster forecaster) {
    Quantiles quantiles = forecaster.forecast().orElseThrow();
    for (int decile = 1; decile <= 9; decile++) {
      for (int step = 0; step < quantiles.horizon(); step++) {
        assertThat(quantiles.quantile(decile / 10.0, step)).isFinite();
      }
    }
  }
}
