package io.foresplit.forecaster.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.foresplit.contract.ForecastPace;
import io.foresplit.contract.IntervalTick;
import io.foresplit.contract.JobId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LoadSheddingTest {
  private static final JobId JOB = new JobId("job");
  private static final int USUAL = 8;
  private static final long SECOND = 1000;
  private static final long BEGAN = 1_000 * SECOND;

  private final LoadShedding shedding = new LoadShedding(USUAL, BEGAN);
  private int inForce = USUAL;
  private long interval = 2_000;

  /** The next interval of a second, decided on some time after it ended, and what it changes. */
  private int late(double seconds) {
    long end = interval * SECOND;
    IntervalTick tick =
        new IntervalTick(
            JOB, interval++, 0, Instant.ofEpochMilli(end), Duration.ofSeconds(1), List.of());
    Optional<ForecastPace> change =
        shedding.onTick(tick, end, end + (long) (seconds * SECOND), inForce);
    inForce = change.map(ForecastPace::calmTicks).orElse(inForce);
    return inForce;
  }

  @Test
  void onTimeNothingChanges() {
    for (int i = 0; i < 500; i++) {
      assertThat(late(0.5)).isEqualTo(USUAL);
    }
  }

  @Test
  void tooLateHalvesAndHalvesAgainDownToAQuarter() {
    assertThat(late(5)).isEqualTo(16);
    assertThat(late(5)).isEqualTo(32);
    assertThat(late(50)).isEqualTo(32);
  }

  @Test
  void onTimeForLongGoesBackStepByStep() {
    late(5);
    late(5);
    for (int i = 1; i < LoadShedding.ON_TIME_TICKS; i++) {
      assertThat(late(0.5)).isEqualTo(32);
    }
    assertThat(late(0.5)).isEqualTo(16);
    for (int i = 1; i < LoadShedding.ON_TIME_TICKS; i++) {
      assertThat(late(0.5)).isEqualTo(16);
    }
    assertThat(late(0.5)).isEqualTo(USUAL);
  }

  @Test
  void aLittleLateIsNeither() {
    late(5);
    for (int i = 0; i < 500; i++) {
      assertThat(late(3)).isEqualTo(16);
    }
  }

  @Test
  void aBacklogOfBeforeTheStartSaysNothing() {
    interval = BEGAN / SECOND - 500;
    for (int i = 0; i < 500; i++) {
      assertThat(late(600)).isEqualTo(USUAL);
    }
  }

  @Test
  void aChangeIsAskedForOnceUntilItIsInTheLog() {
    IntervalTick tick =
        new IntervalTick(JOB, 1, 0, Instant.ofEpochMilli(BEGAN), Duration.ofSeconds(1), List.of());
    long now = BEGAN + 10 * SECOND;

    assertThat(shedding.onTick(tick, BEGAN, now, USUAL)).contains(new ForecastPace(JOB, 1, 16));
    assertThat(shedding.onTick(tick, BEGAN, now, USUAL)).isEmpty();
    assertThat(shedding.onTick(tick, BEGAN, now, 16)).contains(new ForecastPace(JOB, 1, 32));
  }

  @Test
  void aTickThatWasWrittenLateIsNotTheForecastersFault() {
    IntervalTick tick =
        new IntervalTick(JOB, 1, 0, Instant.ofEpochMilli(BEGAN), Duration.ofSeconds(1), List.of());
    long written = BEGAN + 30 * SECOND;

    assertThat(shedding.onTick(tick, written, written + SECOND, USUAL)).isEmpty();
  }

  @Test
  void aChangeThatNeverComesIsAskedForAgain() {
    IntervalTick tick =
        new IntervalTick(JOB, 1, 0, Instant.ofEpochMilli(BEGAN), Duration.ofSeconds(1), List.of());
    long now = BEGAN + 10 * SECOND;
    int asked = 0;
    for (int i = 0; i < 200; i++) {
      asked += shedding.onTick(tick, BEGAN, now, USUAL).isPresent() ? 1 : 0;
    }
    assertThat(asked).isBetween(2, 4);
  }
}
