package io.foresplit.forecaster.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.foresplit.forecaster.Forecaster;
import io.foresplit.forecaster.Quantiles;
import io.foresplit.forecaster.Served;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OnnxForecasterTest {
  private static final int MEDIAN = Quantiles.MEDIAN;

  /** Says -1 everywhere. */
  private static final Forecaster BASELINE =
      new Forecaster() {
        @Override
        public String name() {
          return "baseline/1";
        }

        @Override
        public Quantiles forecast(double[] window, int horizon) {
          double[] path = new double[horizon];
          Arrays.fill(path, -1);
          return Quantiles.normal(path, new double[horizon]);
        }
      };

  private static double[] noise(long seed, int length) {
    Random random = new Random(seed);
    return random.doubles(length, -1, 1).toArray();
  }

  private static double[] gaps(double[] window, double share, long seed) {
    Random random = new Random(seed);
    return Arrays.stream(window).map(v -> random.nextDouble() < share ? Double.NaN : v).toArray();
  }

  private static double lastPresent(double[] window) {
    int i = window.length - 1;
    while (Double.isNaN(window[i])) {
      i--;
    }
    return window[i];
  }

  private static void assertRisingAndFinite(Quantiles quantiles) {
    for (int level = 0; level < 9; level++) {
      for (int h = 0; h < quantiles.horizon(); h++) {
        assertThat(quantiles.rows()[level][h]).isFinite();
        if (level > 0) {
          assertThat(quantiles.rows()[level][h])
              .isGreaterThanOrEqualTo(quantiles.rows()[level - 1][h]);
        }
      }
    }
  }

  @Test
  void theNameHasTheVersionOfTheModel() {
    try (OnnxModel model = ModelFiles.load("last-value")) {
      assertThat(new OnnxForecaster(model, BASELINE).name()).isEqualTo("foresplit-large/test-1");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {64, 100, 256, 700, 5000})
  void theLastValueIsSeenWhateverTheLengthOfTheWindow(int length) {
    try (OnnxModel model = ModelFiles.load("last-value")) {
      double[] window = noise(length, length);
      Served served = new OnnxForecaster(model, BASELINE).serve(List.of(window), 10).get(0);
      assertThat(served.forecaster()).isEqualTo("foresplit-large/test-1");
      assertThat(served.quantiles().horizon()).isEqualTo(10);
      for (double median : served.quantiles().rows()[MEDIAN]) {
        assertThat(median).isCloseTo(window[length - 1], within(1e-6));
      }
      assertRisingAndFinite(served.quantiles());
    }
  }

  @ParameterizedTest
  @CsvSource({"0.05, 512", "0.5, 512", "0.8, 512", "0.5, 200"})
  void missingValuesStayMissing(double share, int length) {
    try (OnnxModel model = ModelFiles.load("last-value")) {
      double[] window = gaps(noise(3, length), share, 4);
      window[length - 1] = Double.NaN;
      Served served = new OnnxForecaster(model, BASELINE).serve(List.of(window), 5).get(0);
      assertThat(served.forecaster()).startsWith("foresplit-large/");
      assertThat(served.quantiles().rows()[MEDIAN][4]).isCloseTo(lastPresent(window), within(1e-6));
    }
  }

  @Test
  void fewValuesAreLeftToTheBaselineUnderItsName() {
    try (OnnxModel model = ModelFiles.load("last-value")) {
      OnnxForecaster forecaster = new OnnxForecaster(model, BASELINE);
      double[] nothing = new double[300];
      Arrays.fill(nothing, Double.NaN);
      double[] longAgo = new double[2000];
      Arrays.fill(longAgo, 1000, 2000, Double.NaN);
      double[] few = nothing.clone();
      Arrays.fill(few, 100, 163, 7);
      double[] enough = nothing.clone();
      Arrays.fill(enough, 100, 164, 7);
      assertThat(
              forecaster
                  .serve(List.of(nothing, longAgo, few, new double[63], new double[0], enough), 3)
                  .stream()
                  .map(Served::forecaster))
          .containsExactly(
              "baseline/1",
              "baseline/1",
              "baseline/1",
              "baseline/1",
              "baseline/1",
              "foresplit-large/test-1");
      assertThat(forecaster.rejected()).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 7, -3e-9, 1e12, -1e300, 4e-320})
  void aConstantSeriesIsForecastAsItsConstant(double constant) {
    try (OnnxModel model = ModelFiles.load("last-value")) {
      double[] window = new double[256];
      Arrays.fill(window, constant);
      Quantiles quantiles = new OnnxForecaster(model, BASELINE).forecast(window, 40);
      for (double[] row : quantiles.rows()) {
        for (double value : row) {
          assertThat(value).isCloseTo(constant, within(1e-10 * Math.abs(constant) + 1e-300));
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "1e-12, 0",
    "1e-12, 1e-9",
    "1e-4, 5",
    "1e4, 0",
    "-1e4, 3e6",
    "1e12, -7e15",
    "1e290, 0"
  })
  void aSeriesOfAnotherSizeIsForecastTheSameInItsUnits(double factor, double shift) {
    try (OnnxModel model = ModelFiles.load("last-value")) {
      OnnxForecaster forecaster = new OnnxForecaster(model, BASELINE);
      double[] window = gaps(noise(9, 300), 0.1, 10);
      double[] other = Arrays.stream(window).map(v -> factor * v + shift).toArray();
      double[][] one = forecaster.forecast(window, 40).rows();
      double[][] two = forecaster.forecast(other, 40).rows();
      for (int level = 0; level < 9; level++) {
        int mirrored = factor > 0 ? level : 8 - level;
        for (int h = 0; h < 40; h++) {
          assertThat(two[level][h])
              .isCloseTo(
                  factor * one[mirrored][h] + shift,
                  within(1e-5 * Math.abs(factor) + 1e-12 * Math.abs(shift)));
        }
      }
    }
  }

  @Test
  void valuesBeyondAFloatAndWildOutliersDoNotOverflow() {
    try (OnnxModel model = ModelFiles.load("last-value")) {
      OnnxForecaster forecaster = new OnnxForecaster(model, BASELINE);
      double[] huge = Arrays.stream(noise(1, 128)).map(v -> 1.7e308 * v).toArray();
      double[] outlier = noise(2, 128);
      outlier[127] = 1e300;
      double[] mostlyOne = new double[128];
      mostlyOne[60] = 1e200;
      for (Served served : forecaster.serve(List.of(huge, outlier, mostlyOne), 40)) {
        assertThat(served.forecaster()).startsWith("foresplit-large/");
        assertRisingAndFinite(served.quantiles());
      }
      assertThat(forecaster.rejected()).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 15, 16, 17, 96, 200})
  void beyondItsHorizonTheModelGoesOnFromItsOwnMedian(int horizon) {
    try (OnnxModel model = ModelFiles.load("rising")) {
      double[] window = noise(5, 300);
      double unit = WindowScale.of(window).unit();
      Quantiles quantiles = new OnnxForecaster(model, BASELINE).forecast(window, horizon);
      assertThat(quantiles.horizon()).isEqualTo(horizon);
      for (int h = 0; h < horizon; h++) {
        assertThat(quantiles.rows()[MEDIAN][h])
            .isCloseTo(window[299] + unit * (h + 1), within(1e-4 * unit * (h + 1)));
      }
    }
  }

  @Test
  void beyondItsHorizonTheModelIsNeverSurerThanBefore() {
    try (OnnxModel model = ModelFiles.load("last-value")) {
      Quantiles quantiles = new OnnxForecaster(model, BASELINE).forecast(noise(6, 300), 200);
      assertRisingAndFinite(quantiles);
      for (int level = 0; level < 9; level++) {
        for (int h = 1; h < 200; h++) {
          double now = Math.abs(quantiles.rows()[level][h] - quantiles.rows()[MEDIAN][h]);
          double before =
              Math.abs(quantiles.rows()[level][h - 1] - quantiles.rows()[MEDIAN][h - 1]);
          assertThat(now).isGreaterThanOrEqualTo(before - 1e-9);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {10, 60})
  void quantilesThatCrossArePutInOrder(int horizon) {
    try (OnnxModel crossing = ModelFiles.load("crossing");
        OnnxModel straight = ModelFiles.load("last-value")) {
      double[] window = noise(8, 200);
      assertThat(new OnnxForecaster(crossing, BASELINE).forecast(window, horizon).rows())
          .isDeepEqualTo(new OnnxForecaster(straight, BASELINE).forecast(window, horizon).rows());
    }
  }

  /** Of 600 series every third ends in a spike, of which this model says NaN. */
  @Test
  void seriesOfWhichTheModelSaysNaNAreLeftToTheBaselineAndCounted() {
    try (OnnxModel model = ModelFiles.load("nan-above-five")) {
      OnnxForecaster forecaster = new OnnxForecaster(model, BASELINE);
      List<double[]> windows = new ArrayList<>();
      for (int i = 0; i < 600; i++) {
        double[] window = gaps(noise(i, 100 + i % 50), 0.2, i);
        window[window.length - 1] = i % 3 == 0 ? 1000 : 0.5;
        windows.add(window);
      }
      List<Served> served = forecaster.serve(windows, 40);
      for (int i = 0; i < 600; i++) {
        boolean spike = i % 3 == 0;
        assertThat(served.get(i).forecaster())
            .isEqualTo(spike ? "baseline/1" : "foresplit-large/test-1");
        assertThat(served.get(i).quantiles().rows()[MEDIAN][39])
            .isCloseTo(spike ? -1 : 0.5, within(1e-6));
      }
      assertThat(forecaster.rejected()).isEqualTo(200);
    }
  }

  @Test
  void whatTheModelFailsOnIsLeftToTheBaselineAndCounted() {
    try (OnnxModel model = ModelFiles.load("three-rows-at-most")) {
      OnnxForecaster forecaster = new OnnxForecaster(model, BASELINE);
      List<double[]> apart = List.of(noise(1, 100), noise(2, 100), noise(3, 100), noise(4, 300));
      assertThat(forecaster.serve(apart, 5).stream().map(Served::forecaster))
          .containsOnly("foresplit-large/test-1");
      List<double[]> alike = List.of(noise(1, 100), noise(2, 100), noise(3, 100), noise(4, 100));
      assertThat(forecaster.serve(alike, 5).stream().map(Served::forecaster))
          .containsOnly("baseline/1");
      assertThat(forecaster.rejected()).isEqualTo(4);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"last-value", "fixed-length", "fixed-batch", "matrices"})
  void aSeriesIsToldTheSameInWhateverBatchAndPlace(String name) {
    try (OnnxModel model = ModelFiles.load(name)) {
      OnnxForecaster forecaster = new OnnxForecaster(model, BASELINE);
      List<double[]> windows = new ArrayList<>();
      for (int i = 0; i < 300; i++) {
        windows.add(gaps(noise(i, 70 + 7 * i % 500), 0.05, i));
      }
      List<Quantiles> together = forecaster.forecast(windows, 20);
      for (int i = 0; i < 300; i += 37) {
        assertThat(forecaster.forecast(windows.get(i), 20).rows())
            .isDeepEqualTo(together.get(i).rows());
      }
      Collections.reverse(windows);
      List<Quantiles> backwards = forecaster.forecast(windows, 20);
      for (int i = 0; i < 300; i++) {
        assertThat(backwards.get(299 - i).rows()).isDeepEqualTo(together.get(i).rows());
      }
    }
  }

  @Test
  void aWindowIsLeftAsItWas() {
    try (OnnxModel model = ModelFiles.load("last-value")) {
      double[] window = noise(1, 100);
      double[] before = window.clone();
      new OnnxForecaster(model, BASELINE).forecast(window, 100);
      assertThat(window).isEqualTo(before);
    }
  }

  @Test
  void noWindowsAreNoForecastsAndAHorizonIsPositive() {
    try (OnnxModel model = ModelFiles.load("last-value")) {
      OnnxForecaster forecaster = new OnnxForecaster(model, BASELINE);
      assertThat(forecaster.serve(List.of(), 5)).isEmpty();
      assertThatIllegalArgumentException()
          .isThrownBy(() -> forecaster.forecast(new double[100], 0))
          .withMessage("horizon must be positive, was 0");
    }
  }
}
