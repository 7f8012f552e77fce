package io.foresplit.runtime.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.foresplit.contract.LinkSpec;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.jobfile.LinkDisturbance;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class GeneratedLinkTest {
  private static final LinkSpec LINK =
      new LinkSpec(new NodeId("device"), new NodeId("edge"), 1e6, 0.02);
  private static final GeneratedLink TRACE =
      GeneratedLink.fading(LINK, new LinkDisturbance(0.004, 0.01), 5);

  @Test
  void itIsAFunctionOfSeedAndTime() {
    GeneratedLink same = GeneratedLink.fading(LINK, new LinkDisturbance(0.004, 0.01), 5);
    GeneratedLink other = GeneratedLink.fading(LINK, new LinkDisturbance(0.004, 0.01), 6);

    assertThat(same.bytesPerSecond(7)).isEqualTo(TRACE.bytesPerSecond(7));
    assertThat(same.delaySeconds(7)).isEqualTo(TRACE.delaySeconds(7));
    assertThat(same.loss(7)).isEqualTo(TRACE.loss(7));
    assertThat(other.bytesPerSecond(7)).isNotEqualTo(TRACE.bytesPerSecond(7));
  }

  @Test
  void oneThatRemembersIsTheSame() {
    RateTrace remembering = new DisturbedTrace(TRACE, new LinkDisturbance(0, 0.02)).remembering();

    times()
        .forEach(
            t -> {
              assertThat(remembering.bytesPerSecond(t)).isEqualTo(TRACE.bytesPerSecond(t));
              assertThat(remembering.delaySeconds(t)).isEqualTo(TRACE.delaySeconds(t));
              assertThat(remembering.jitterSeconds(t)).isEqualTo(TRACE.jitterSeconds(t));
              assertThat(remembering.loss(t)).isEqualTo(Math.max(0.02, TRACE.loss(t)));
            });
  }

  @Test
  void allElseGetsWorseWhenTheRateFalls() {
    double worst = times().min((a, b) -> Double.compare(rate(a), rate(b))).orElseThrow();
    double best = times().max((a, b) -> Double.compare(rate(a), rate(b))).orElseThrow();

    assertThat(rate(worst)).isLessThan(0.6 * rate(best));
    assertThat(TRACE.delaySeconds(worst).orElseThrow())
        .isGreaterThan(1.2 * TRACE.delaySeconds(best).orElseThrow());
    assertThat(TRACE.jitterSeconds(worst)).isGreaterThan(TRACE.jitterSeconds(best));
    assertThat(TRACE.loss(worst)).isGreaterThan(TRACE.loss(best));
  }

  @Test
  void everythingIsPhysicalAtAllTimes() {
    times()
        .forEach(
            t -> {
              assertThat(rate(t)).isPositive().isFinite();
              assertThat(TRACE.delaySeconds(t).orElseThrow()).isPositive().isFinite();
              assertThat(TRACE.jitterSeconds(t)).isPositive().isFinite();
              assertThat(TRACE.loss(t)).isBetween(0.0, 0.5);
            });
  }

  private static double rate(double t) {
    return TRACE.bytesPerSecond(t);
  }

  private static Stream<Double> times() {
    return IntStream.range(0, 400).mapToObj(i -> i * 0.5);
  }
}
