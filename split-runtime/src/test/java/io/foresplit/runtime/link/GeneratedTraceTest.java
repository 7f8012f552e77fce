package io.foresplit.runtime.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class GeneratedTraceTest {
  private static final double NOMINAL = 5e6;
  private final RateTrace trace = new GeneratedTrace(42, NOMINAL);

  @Test
  void sameMomentGivesSameRateInWhateverOrderItIsAsked() {
    double[] forwards = IntStream.range(0, 500).mapToDouble(i -> rate(trace, i)).toArray();
    RateTrace other = new GeneratedTrace(42, NOMINAL);
    for (int i = 499; i >= 0; i--) {
      assertThat(rate(other, i)).isEqualTo(forwards[i]);
    }
  }

  @Test
  void keepsItsMeanAndVariesByAFewPercent() {
    double[] relative =
        IntStream.range(0, 40_000).mapToDouble(i -> rate(trace, i) / NOMINAL).toArray();
    double mean = IntStream.range(0, 40_000).mapToDouble(i -> relative[i]).average().orElseThrow();
    double variance =
        IntStream.range(0, 40_000)
            .mapToDouble(i -> (relative[i] - mean) * (relative[i] - mean))
            .average()
            .orElseThrow();
    assertThat(mean).isCloseTo(1, within(0.01));
    assertThat(Math.sqrt(variance)).isBetween(0.04, 0.07);
    assertThat(Arrays.stream(relative)).allMatch(r -> r > 0.75 && r < 1.3);
  }

  @Test
  void isSmooth() {
    for (int i = 0; i < 5000; i++) {
      assertThat(Math.abs(Math.log(rate(trace, i + 1) / rate(trace, i)))).isLessThan(0.1);
    }
  }

  @Test
  void seedsDiffer() {
    assertThat(new GeneratedTrace(43, NOMINAL).bytesPerSecond(10))
        .isNotEqualTo(trace.bytesPerSecond(10));
  }

  @Test
  void refusesWhatIsNoRate() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new GeneratedTrace(1, Double.NaN))
        .withMessageContaining("nominalBytesPerSecond");
    assertThatIllegalArgumentException().isThrownBy(() -> RateTrace.constant(0));
    assertThat(RateTrace.constant(7).bytesPerSecond(1e9)).isEqualTo(7);
  }

  private static double rate(RateTrace trace, int tenths) {
    return trace.bytesPerSecond(tenths * 0.1);
  }
}
