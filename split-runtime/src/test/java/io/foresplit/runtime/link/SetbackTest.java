package io.foresplit.runtime.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class SetbackTest {
  private static final int PACKET = 1448;

  @Test
  void aCleanLinkCostsNothing() {
    assertThat(Setback.of(1, 2, 1 << 20, 0.03, 0, 0)).isEqualTo(new Setback(0, 0));
  }

  @Test
  void itIsAFunctionOfSeedAndMessage() {
    assertThat(draw(7, 0.05)).isEqualTo(draw(7, 0.05)).isNotEqualTo(draw(8, 0.05));
  }

  private static List<Setback> draw(long seed, double loss) {
    return IntStream.range(0, 200)
        .mapToObj(message -> Setback.of(seed, message, 50_000, 0.03, 0.004, loss))
        .toList();
  }

  @Test
  void jitterIsUniformAroundTheDelay() {
    double[] delays =
        IntStream.range(0, 20_000)
            .mapToDouble(message -> Setback.of(3, message, 100, 0.03, 0.01, 0).delaySeconds())
            .toArray();

    assertThat(Arrays.stream(delays).min().orElseThrow()).isBetween(-0.01, -0.0098);
    assertThat(Arrays.stream(delays).max().orElseThrow()).isBetween(0.0098, 0.01);
    assertThat(Arrays.stream(delays).average().orElseThrow()).isCloseTo(0, within(2e-4));
  }

  @Test
  void packetsAreLostInTheirShareAndSentAgain() {
    double loss = 0.05;
    long packets = 100;
    int messages = 20_000;

    long resent =
        LongStream.range(0, messages)
            .map(message -> Setback.of(5, message, packets * PACKET, 0.03, 0, loss).resentBytes())
            .sum();

    // each packet is sent 1 / (1 - loss) times
    double expected = messages * packets * PACKET * loss / (1 - loss);
    assertThat(resent / expected).isCloseTo(1, within(0.02));
  }

  @Test
  void aLossThatLaterPacketsTellOfCostsARoundTripAndAnotherATimeout() {
    double[] large =
        IntStream.range(0, 5_000)
            .mapToDouble(m -> Setback.of(9, m, 1000L * PACKET, 0.03, 0, 0.0002).delaySeconds())
            .toArray();
    double[] small =
        IntStream.range(0, 5_000)
            .mapToDouble(m -> Setback.of(9, m, 100, 0.03, 0, 0.1).delaySeconds())
            .toArray();

    assertThat(share(large, 0)).isCloseTo(Math.pow(1 - 0.0002, 1000), within(0.02));
    assertThat(share(large, 0.03)).isCloseTo(1 - share(large, 0), within(0.01));
    assertThat(share(small, 0)).isCloseTo(0.9, within(0.015));
    assertThat(share(small, 0.2)).isCloseTo(0.09, within(0.015));
    // lost again: the timeout has doubled
    assertThat(share(small, 0.6)).isCloseTo(0.009, within(0.005));
  }

  private static double share(double[] delays, double of) {
    return Arrays.stream(delays).filter(d -> Math.abs(d - of) < 1e-9).count()
        / (double) delays.length;
  }

  @Test
  void theWorstLossStillEnds() {
    for (int message = 0; message < 500; message++) {
      Setback worst = Setback.of(1, message, 1 << 20, 10, 1, 0.5);
      assertThat(worst.delaySeconds()).isBetween(-1.0, 200.0);
      assertThat(worst.resentBytes()).isBetween(0L, 12L << 20);
    }
  }
}
