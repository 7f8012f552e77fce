package io.foresplit.forecaster.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.foresplit.forecaster.Forecaster;
import io.foresplit.forecaster.Quantiles;
import io.foresplit.forecaster.SeriesForecaster;
import io.foresplit.forecaster.Served;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The model that comes with the program, run as it is run there. */
class BundledModelTest {
  private static final int HORIZON = 96;
  private static final Random RANDOM = new Random(4);

  @SuppressWarnings("NullAway.Init")
  private static OnnxModel model;

  private final Forecaster large = OnnxForecaster.beforeBaselines(model).get(0);

  @BeforeAll
  static void load() throws ModelFileException {
    model = OnnxModel.bundled(OnnxModel.Options.DEFAULT);
  }

  @AfterAll
  static void close() {
    model.close();
  }

  /** A daily course of hourly values, in noise. */
  private static double[] days(int length) {
    double[] values = new double[length];
    Arrays.setAll(
        values, i -> 10 + 3 * Math.sin(2 * Math.PI * i / 24) + (i % 24 == 5 ? 4 : 0) + noise(0.3));
    return values;
  }

  private static double noise(double size) {
    return size * RANDOM.nextGaussian();
  }

  private static double error(double[] median, double[] truth) {
    double sum = 0;
    for (int i = 0; i < truth.length; i++) {
      sum += Math.abs(median[i] - truth[i]);
    }
    return sum / truth.length;
  }

  @Test
  void seesASeasonItWasNeverToldOf() {
    double[] all = days(512 + HORIZON);
    double[] truth = Arrays.copyOfRange(all, 512, all.length);
    Quantiles said = large.forecast(Arrays.copyOf(all, 512), HORIZON);
    double[] last = new double[HORIZON];
    Arrays.fill(last, all[511]);
    assertThat(error(said.rows()[Quantiles.MEDIAN], truth)).isLessThan(0.3 * error(last, truth));
  }

  @Test
  void aRampGoesOnForAWhile() {
    double[] values = new double[200];
    Arrays.setAll(values, i -> (i < 150 ? 0 : (i - 150) * 0.2) + noise(0.3));
    Quantiles said = large.forecast(values, 20);
    assertThat(said.median(19)).isGreaterThan(values[199] + 0.5);
    assertThat(said.rows()[8][19] - said.rows()[0][19])
        .isGreaterThan(said.rows()[8][0] - said.rows()[0][0]);
  }

  @Test
  void aSeriesOfAnotherSizeIsForecastAlikeAtItsSize() {
    double[] values = days(300);
    Quantiles said = large.forecast(values, 64);
    for (double factor : new double[] {1e-9, 1e4, 1e12}) {
      double[] scaled = Arrays.stream(values).map(v -> factor * (v - 20)).toArray();
      Quantiles other = large.forecast(scaled, 64);
      for (int h = 0; h < 64; h++) {
        assertThat(other.median(h) / factor + 20).isCloseTo(said.median(h), within(1e-3));
      }
    }
  }

  @Test
  void gapsStormsAndJumpsGiveNumbersInOrder() {
    double[] half = days(512);
    for (int i = 0; i < 512; i += 2) {
      half[i] = Double.NaN;
    }
    double[] jump = days(512);
    for (int i = 400; i < 512; i++) {
      jump[i] *= 1e4;
    }
    double[] counter = new double[512];
    Arrays.setAll(counter, i -> (i * 17.0) % 3000);
    double[] constant = new double[512];
    Arrays.fill(constant, 7);
    double[] late = days(512);
    Arrays.fill(late, 0, 400, Double.NaN);
    for (Quantiles said : large.forecast(List.of(half, jump, counter, constant, late), HORIZON)) {
      for (int h = 0; h < HORIZON; h++) {
        for (int level = 0; level < 9; level++) {
          assertThat(said.rows()[level][h]).isFinite();
          assertThat(level == 0 || said.rows()[level][h] >= said.rows()[level - 1][h]).isTrue();
        }
      }
    }
    assertThat(large.forecast(constant, HORIZON).median(0)).isCloseTo(7, within(1e-6));
  }

  @Test
  void withFewValuesABaselineServesUnderItsName() {
    double[] few = days(63);
    Served served = large.serve(List.of(few), 8).get(0);
    assertThat(served.forecaster()).isEqualTo("drift/1");
    double[] enough = days(64);
    assertThat(large.serve(List.of(enough), 8).get(0).forecaster()).startsWith("foresplit-large/");
  }

  @Test
  void theProductNamesWhoseForecastItGives() {
    SeriesForecaster series = new SeriesForecaster(512, 24, OnnxForecaster.beforeBaselines(model));
    DoubleStream.of(days(600)).forEach(series::append);
    assertThat(series.served().orElseThrow().forecaster()).contains("/");
    SeriesForecaster unseen = new SeriesForecaster(512, 24, OnnxForecaster.beforeBaselines(model));
    DoubleStream.of(days(70)).forEach(unseen::append);
    assertThat(unseen.served().orElseThrow().forecaster()).contains("foresplit-large/");
  }
}
