package io.foresplit.forecaster.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.foresplit.forecaster.Quantiles;
import io.foresplit.forecaster.model.WindowRegressionTrainer.Example;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WindowRegressionTest {
  private static final double MEMORY = 0.5;

  @TempDir Path folder;

  /** A series that goes half way back to its mean each step. */
  private static double[] reverting(int length, double level, double size, Random random) {
    double[] values = new double[length];
    double apart = 0;
    for (int i = 0; i < length; i++) {
      apart = MEMORY * apart + random.nextGaussian();
      values[i] = level + size * apart;
    }
    return values;
  }

  private static WindowRegression trained() {
    Random random = new Random(3);
    List<Example> examples = new ArrayList<>();
    for (int i = 0; i < 600; i++) {
      double[] values = reverting(232, random.nextGaussian(), 0.5 + random.nextDouble(), random);
      examples.add(new Example(Arrays.copyOf(values, 200), Arrays.copyOfRange(values, 200, 232)));
    }
    return WindowRegressionTrainer.train(examples, new TreeMap<>(Map.of("suite", "drawn")));
  }

  @Test
  void learnsThatASeriesGoesBackToItsMean() {
    WindowRegression regression = trained();
    Random random = new Random(4);
    double errors = 0;
    double ofLast = 0;
    int covered = 0;
    int runs = 200;
    for (int i = 0; i < runs; i++) {
      double[] values = reverting(208, 5, 2, random);
      double[] window = Arrays.copyOf(values, 200);
      Quantiles said = regression.forecast(window, 8);
      errors += Math.abs(values[207] - said.median(7));
      ofLast += Math.abs(values[207] - window[199]);
      covered += values[207] > said.rows()[0][7] && values[207] < said.rows()[8][7] ? 1 : 0;
    }
    assertThat(errors).isLessThan(0.85 * ofLast);
    assertThat(covered / (double) runs).isBetween(0.65, 0.95);
  }

  @Test
  void aForecastMovesAndStretchesWithItsSeriesAndGoesOnBehindTheLastLead() {
    WindowRegression regression = WindowRegression.bundled();
    double[] window = reverting(200, 0, 1, new Random(5));
    double[] moved = Arrays.stream(window).map(value -> 100 + 7 * value).toArray();
    Quantiles one = regression.forecast(window, 64);
    Quantiles other = regression.forecast(moved, 64);
    for (int step = 0; step < 64; step++) {
      assertThat(other.median(step))
          .isCloseTo(100 + 7 * one.median(step), org.assertj.core.api.Assertions.within(1e-6));
      assertThat(other.rows()[8][step] - other.rows()[0][step]).isPositive();
    }
    assertThat(one.median(63)).isEqualTo(one.median(40));
  }

  @Test
  void gapsAndConstantsGiveNumbers() {
    WindowRegression regression = WindowRegression.bundled();
    double[] constant = new double[100];
    Arrays.fill(constant, 3);
    double[] gaps = constant.clone();
    for (int i = 0; i < gaps.length; i += 2) {
      gaps[i] = Double.NaN;
    }
    for (double[] window : List.of(constant, gaps, Arrays.copyOf(constant, 6))) {
      Quantiles said = regression.forecast(window, 40);
      for (double[] row : said.rows()) {
        assertThat(Arrays.stream(row).boxed())
            .allSatisfy(value -> assertThat(value).isBetween(2.99, 3.01));
      }
    }
  }

  @Test
  void theSameWindowsGiveTheSameBytesAndOtherFilesAreRefusedInOneLine() throws Exception {
    WindowRegression regression = trained();
    assertThat(trained().bytes()).isEqualTo(regression.bytes());
    assertThat(regression.origin()).containsEntry("suite", "drawn").containsEntry("windows", "600");
    assertThat(WindowRegression.bundled().origin()).containsEntry("suite", "training");
    Path file = folder.resolve("file");
    Files.write(file, regression.bytes());
    assertThat(WindowRegression.load(file).name()).isEqualTo(regression.name());
    for (byte[] bytes :
        List.of(
            "nonsense".getBytes(StandardCharsets.UTF_8),
            new byte[0],
            KindModel.bundled().bytes(),
            Arrays.copyOf(regression.bytes(), 1000))) {
      Files.write(file, bytes);
      assertThatThrownBy(() -> WindowRegression.load(file))
          .isInstanceOf(ModelFileException.class)
          .hasMessageContaining("is no such model")
          .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n"));
    }
  }
}
