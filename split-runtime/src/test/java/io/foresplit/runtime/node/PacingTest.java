package io.foresplit.runtime.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class PacingTest {
  private long now = 1_000;

  @Test
  void lateWakeUpsDoNotBiasTheMean() throws InterruptedException {
    // timers are late by 0 to 0.9 ms
    Pacing pacing = new Pacing(deadline -> now = deadline + now % 10 * 100_000, () -> now);
    double sum = 0;
    for (int i = 0; i < 200; i++) {
      sum += pacing.run(0.010, () -> now += 1_000_007).seconds();
    }
    assertThat(sum / 200).isCloseTo(0.010, within(1e-5));
  }

  @Test
  void aVeryLateWakeUpIsMadeUpForByShorterWaits() throws InterruptedException {
    long[] late = {4_000_000};
    Pacing pacing =
        new Pacing(
            deadline -> {
              now = Math.max(now, deadline) + late[0];
              late[0] = 0;
            },
            () -> now);
    double sum = 0;
    for (int i = 0; i < 40; i++) {
      sum += pacing.run(0.001, () -> now += 600_000).seconds();
    }
    assertThat(sum / 40).isCloseTo(0.001, within(1e-9));
  }

  @Test
  void workThatTakesLongerIsNotHeldUp() throws InterruptedException {
    Pacing pacing = new Pacing(deadline -> now = Math.max(now, deadline), () -> now);

    Pacing.Paced<String> slow =
        pacing.run(
            0.010,
            () -> {
              now += 25_000_000;
              return "done";
            });

    assertThat(slow.value()).isEqualTo("done");
    assertThat(slow.seconds()).isCloseTo(0.025, within(1e-9));
  }

  @Test
  void theParkingPacerIsPunctual() throws InterruptedException {
    Pacer pacer = Pacer.parking(System::nanoTime);
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 20; i++) {
      long deadline = System.nanoTime() + 2_000_000;
      pacer.until(deadline);
      long late = System.nanoTime() - deadline;
      assertThat(late).isNotNegative();
      least = Math.min(least, late);
    }
    assertThat(least).isLessThan(1_000_000);
  }
}
