package io.foresplit.runtime.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.foresplit.runtime.link.Setback;
import org.junit.jupiter.api.Test;

class WireTest {
  @Test
  void messagesOccupyTheWireOneAfterTheOtherAndDelayDoesNot() {
    Wire wire = new Wire(t -> 1000, t -> 0.5);

    Wire.Passage first = wire.pass(10, 100);
    Wire.Passage second = wire.pass(10.01, 200);

    assertThat(first.start()).isEqualTo(10);
    assertThat(first.end()).isCloseTo(10.1, within(1e-9));
    assertThat(first.arrival()).isCloseTo(10.6, within(1e-9));
    assertThat(second.start()).isEqualTo(first.end());
    assertThat(second.end()).isCloseTo(10.3, within(1e-9));
    assertThat(second.arrival()).isCloseTo(10.8, within(1e-9));
  }

  @Test
  void aFadingRateIsIntegrated() {
    // rate 1000 (1 - t/10): so 3750 bytes take 5 s from the start
    Wire wire = new Wire(t -> 1000 * (1 - t / 10), t -> 0);

    assertThat(wire.pass(0, 3750).end()).isCloseTo(5, within(1e-3));
  }

  @Test
  void theRateIsKnownInEachIntervalOfALongMessage() {
    Wire wire = new Wire(t -> t < 1 ? 2000 : 500, t -> 0);
    wire.pass(0.25, 4000);

    Wire.Count before = wire.count(0.5);
    Wire.Count across = wire.count(1);
    Wire.Count after = wire.count(1.5);

    assertThat(before.busySeconds()).isCloseTo(0.25, within(1e-9));
    assertThat(before.bytes() / before.busySeconds()).isCloseTo(2000, within(1e-6));
    assertThat(across.bytes() / across.busySeconds()).isCloseTo(2000, within(1e-6));
    assertThat(after.bytes() / after.busySeconds()).isCloseTo(500, within(1e-6));
  }

  @Test
  void anIdleWireCountsNothingAndAllBytesAreCountedOnce() {
    Wire wire = new Wire(t -> 1000, t -> 0);
    double bytes = 0;
    for (int i = 0; i < 20; i++) {
      if (i % 5 == 0) {
        wire.pass(i * 0.1 + 0.03, 77);
      }
      bytes += wire.count((i + 1) * 0.1).bytes();
    }
    assertThat(bytes).isCloseTo(4 * 77, within(1e-6));
    assertThat(wire.count(9).busySeconds()).isZero();
  }

  @Test
  void messagesArriveInOrderWhenTheDelayFalls() {
    Wire wire = new Wire(t -> 1e6, t -> t < 1 ? 0.5 : 0.001);

    double early = wire.pass(0.99, 10).arrival();
    double late = wire.pass(1.01, 10).arrival();

    assertThat(early).isGreaterThan(1.4);
    assertThat(late).isGreaterThanOrEqualTo(early);
  }

  @Test
  void whatIsLostOccupiesTheWireAgainAndHoldsBackWhatFollows() {
    Wire wire =
        new Wire(
            t -> 1000,
            t -> 0.1,
            (message, sent, bytes, delay) ->
                message == 0 ? new Setback(0.4, 50) : new Setback(-1, 0));

    Wire.Passage first = wire.pass(0, 100);
    Wire.Passage second = wire.pass(0, 100);

    assertThat(first.end()).isCloseTo(0.15, within(1e-9));
    assertThat(first.arrival()).isCloseTo(0.65, within(1e-9));
    assertThat(second.start()).isEqualTo(first.end());
    assertThat(second.end()).isCloseTo(0.25, within(1e-9));
    // it would be there at once, but order is kept
    assertThat(second.arrival()).isEqualTo(first.arrival());
    Wire.Count count = wire.count(1);
    assertThat(count.bytes()).isCloseTo(250, within(1e-6));
    assertThat(count.usefulBytes()).isCloseTo(200, within(1e-6));
    assertThat(count.busySeconds()).isCloseTo(0.25, within(1e-9));
  }

  @Test
  void jitterNeverMakesAMessageArriveBeforeItIsSent() {
    Wire wire = new Wire(t -> 1e6, t -> 0.001, (m, sent, bytes, delay) -> new Setback(-0.5, 0));

    Wire.Passage passage = wire.pass(3, 100);

    assertThat(passage.arrival()).isEqualTo(passage.end());
  }
}
