package io.foresplit.app.bench.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.foresplit.runtime.link.RecordedTrace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FadingTraceTest {
  private static final double CLEAR = 5e6;

  @TempDir Path folder;

  @Test
  void theLinkFadesAndComesBackTheSameForTheSameSeed() {
    FadingTrace trace = FadingTrace.drawn(1, 120);
    FadingTrace same = FadingTrace.drawn(1, 120);
    int clear = 0;
    int faded = 0;
    for (double t = 0; t < 120; t += FadingTrace.STEP_SECONDS) {
      assertThat(same.factor(t)).isEqualTo(trace.factor(t)).isPositive().isFinite();
      clear += trace.factor(t) > 0.6 ? 1 : 0;
      faded += trace.factor(t) < 0.5 ? 1 : 0;
    }
    assertThat(clear).isGreaterThan(100);
    assertThat(faded).isGreaterThan(100);
    assertThat(trace.factor(0)).isGreaterThan(0.6);
  }

  @Test
  void nodesReadTheSameRatesFromItsFile() throws IOException {
    FadingTrace trace = FadingTrace.drawn(7, 60);
    Path file = Files.writeString(folder.resolve("up.csv"), trace.csv(CLEAR));
    RecordedTrace read = RecordedTrace.fromCsv(file);

    for (double t = 0.1; t < 60; t += 0.5) {
      assertThat(read.bytesPerSecond(t)).isCloseTo(CLEAR * trace.factor(t), within(0.06));
    }
    assertThat(read.lengthSeconds()).isCloseTo(60, within(1e-9));
  }

  @Test
  void aMeasurementKnowsThePastAlone() {
    FadingTrace trace = FadingTrace.drawn(1, 120);
    double mean =
        4
            / (1 / trace.factor(9.25)
                + 1 / trace.factor(9.5)
                + 1 / trace.factor(9.75)
                + 1 / trace.factor(10));

    assertThat(trace.measured(10, 0.75)).isCloseTo(mean, within(1e-12));
    assertThat(trace.measured(0, 0.75)).isEqualTo(trace.factor(0));
    assertThat(trace.measured(-3, 0.75)).isEqualTo(trace.factor(0));
  }

  @Test
  void aFallIsSeenSoonerThanARise() {
    FadingTrace trace = FadingTrace.drawn(1, 600);
    int falls = 0;
    int rises = 0;
    for (double t = 2; t < 600; t += FadingTrace.STEP_SECONDS) {
      double before = trace.factor(t - FadingTrace.STEP_SECONDS);
      if (trace.factor(t) < 0.1 * before) {
        assertThat(trace.measured(t, 0.75)).isLessThan(0.2 * before);
        falls++;
      } else if (trace.factor(t) > 10 * before) {
        assertThat(trace.measured(t, 0.75)).isLessThan(0.2 * trace.factor(t));
        rises++;
      }
    }
    assertThat(falls).isPositive();
    assertThat(rises).isPositive();
  }
}
