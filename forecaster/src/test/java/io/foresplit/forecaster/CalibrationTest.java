package io.foresplit.forecaster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import java.util.function.IntToDoubleFunction;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CalibrationTest {
  private static final int LAST = Quantiles.LEVELS.size() - 1;
  private static final int STEP = 7;

  /** Truths that a standard normal forecast is wrong about. */
  private enum World {
    HEAVY_TAILED {
      @Override
      IntToDoubleFunction truths(Random random) {
        // of Student's distribution with two degrees of freedom
        return i -> random.nextGaussian() / Math.sqrt(-Math.log(1 - random.nextDouble()));
      }
    },
    TOO_NARROW {
      @Override
      IntToDoubleFunction truths(Random random) {
        return i -> 4 * random.nextGaussian();
      }
    },
    TOO_WIDE {
      @Override
      IntToDoubleFunction truths(Random random) {
        return i -> 0.2 * random.nextGaussian();
      }
    },
    SKEWED {
      @Override
      IntToDoubleFunction truths(Random random) {
        return i -> -2 * Math.log(1 - random.nextDouble()) - 1;
      }
    },
    SHIFTING {
      @Override
      IntToDoubleFunction truths(Random random) {
        return i -> 2 * Math.sin(i / 400.0) + random.nextGaussian();
      }
    };

    abstract IntToDoubleFunction truths(Random random);
  }

  private static double[] normal() {
    return Quantiles.normal(new double[] {0}, new double[] {1}).column(0);
  }

  @ParameterizedTest
  @EnumSource(World.class)
  void fourInFiveTruthsLieWithinTheOuterDeciles(World world) {
    Calibration calibration = new Calibration(8);
    IntToDoubleFunction truths = world.truths(new Random(1));
    int warmUp = 500;
    int values = 10_000;
    int within = 0;
    for (int i = 0; i < warmUp + values; i++) {
      double truth = truths.applyAsDouble(i);
      if (i >= warmUp) {
        double[] path = new double[STEP + 1];
        double[] spread = new double[STEP + 1];
        Arrays.fill(spread, 1);
        Quantiles said = calibration.adjusted(Quantiles.normal(path, spread));
        within += truth >= said.at(0, STEP) && truth <= said.at(LAST, STEP) ? 1 : 0;
      }
      calibration.learn(STEP, normal(), truth);
    }
    assertThat(within / (double) values).isBetween(0.78, 0.82);
    assertThat(calibration.coverage(LAST, STEP)).isBetween(0.7, 1.0);
  }

  @Property(tries = 200)
  void levelsNeverCrossAndStayNumbers(
      @ForAll @Size(100) @DoubleRange(min = -1e300, max = 1e300) double[] truths,
      @ForAll @DoubleRange(min = 0, max = 1e9) double sigma) {
    Calibration calibration = new Calibration(8);
    Quantiles said = Quantiles.normal(new double[40], filled(sigma));
    for (int i = 0; i < truths.length; i++) {
      int step = i % 40;
      calibration.learn(step, said.column(step), i % 9 == 0 ? Double.NaN : truths[i]);
    }
    Quantiles adjusted = calibration.adjusted(said);
    for (int step = 0; step < 40; step++) {
      for (int level = 0; level <= LAST; level++) {
        assertThat(adjusted.at(level, step)).isFinite();
        assertThat(adjusted.at(level, step))
            .isGreaterThanOrEqualTo(adjusted.at(Math.max(0, level - 1), step));
      }
    }
  }

  private static double[] filled(double sigma) {
    double[] values = new double[40];
    Arrays.fill(values, sigma);
    return values;
  }

  @Test
  void aMissingTruthTeachesNothing() throws IOException {
    Calibration calibration = new Calibration(8);
    byte[] before = bytes(calibration);
    calibration.learn(STEP, normal(), Double.NaN);
    assertThat(bytes(calibration)).isEqualTo(before);
  }

  @Test
  void bandsLearnForThemselves() {
    Calibration calibration = new Calibration(8);
    for (int i = 0; i < 100; i++) {
      calibration.learn(STEP, normal(), 3);
    }
    Quantiles said = Quantiles.normal(new double[40], filled(1));
    Quantiles adjusted = calibration.adjusted(said);
    assertThat(adjusted.column(3)).isEqualTo(said.column(3));
    assertThat(adjusted.at(LAST, 4)).isGreaterThan(said.at(LAST, 4) + 1);
    assertThat(adjusted.median(4)).isBetween(0.01, 1.0);
    assertThat(adjusted.column(16)).isEqualTo(said.column(16));
  }

  @Test
  void whatIsReadBackIsWhatWasWritten() throws IOException {
    Calibration calibration = new Calibration(8);
    Random random = new Random(3);
    for (int i = 0; i < 200; i++) {
      calibration.learn(i % 30, normal(), 2 * random.nextGaussian());
    }
    Calibration restored = new Calibration(8);
    restored.readFrom(new DataInputStream(new ByteArrayInputStream(bytes(calibration))));
    calibration.learn(STEP, normal(), 5);
    restored.learn(STEP, normal(), 5);
    assertThat(bytes(restored)).isEqualTo(bytes(calibration)).hasSizeLessThan(256);
  }

  private static byte[] bytes(Calibration calibration) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    calibration.writeTo(new DataOutputStream(bytes));
    return bytes.toByteArray();
  }
}
