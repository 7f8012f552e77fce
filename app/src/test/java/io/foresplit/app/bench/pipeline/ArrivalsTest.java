package io.foresplit.app.bench.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ArrivalsTest {
  private final AtomicLong now = new AtomicLong();
  private final Arrivals arrivals = new Arrivals(now::get);

  @Test
  void aParcelIsThereWhenAllOfItsReportsAre() {
    arrivals.published("a/1");
    now.set(7_000_000);
    for (int i = 1; i < Fleet.NODES; i++) {
      arrivals.oneVisible("a/1");
    }
    assertThat(arrivals.missing()).isOne();
    arrivals.oneVisible("a/1");
    arrivals.oneVisible("b/1");

    assertThat(arrivals.missing()).isZero();
    assertThat(arrivals.untilVisible()).isEqualTo(new Latency(7, 7, 1));
    assertThat(arrivals.untilJudged()).isNull();
    assertThat(arrivals.visibleBetween(0, 7_000_000)).isZero();
    assertThat(arrivals.visibleBetween(7_000_000, 8_000_000)).isOne();
  }

  @Test
  void latenciesAreRanked() {
    for (int i = 1; i <= 200; i++) {
      now.set(0);
      arrivals.published("a/" + i);
      now.set(i * 1_000_000L);
      arrivals.judged("a/" + i);
      arrivals.judged("a/" + i);
    }
    assertThat(arrivals.untilJudged()).isEqualTo(new Latency(100, 198, 200));
    assertThat(arrivals.missing()).isEqualTo(200);
  }
}
