package io.foresplit.app.bench.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.foresplit.runtime.TrainingProgress;
import io.foresplit.runtime.TrainingProgress.Step;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class StepTrackTest {
  private final StepTrack track = new StepTrack();

  private static Instant at(long millis) {
    return Instant.ofEpochMilli(1_000_000 + millis);
  }

  /** Steps that follow each other every 100 ms. */
  private static List<Step> steps(long first, long last, long epoch, long firstMillis) {
    return LongStream.rangeClosed(first, last)
        .mapToObj(n -> new Step(n, epoch, 1, 0.1, at(firstMillis + 100 * (n - first))))
        .toList();
  }

  private static TrainingProgress progress(long steps, List<Step> log) {
    return new TrainingProgress(
        steps, 0, Optional.empty(), Optional.empty(), 0, log, List.of(), "", List.of());
  }

  @Test
  void stepsAreAskedForOnceAndNoneIsLost() {
    track.on(progress(3, steps(0, 2, 0, 0)));
    assertThat(track.next()).isEqualTo(3);
    track.on(progress(6, steps(3, 5, 1, 300)));

    assertThat(track.next()).isEqualTo(6);
    assertThat(track.lost()).isZero();
    assertThat(track.doneBy(at(250))).isEqualTo(3);
    assertThat(track.doneBy(at(-1))).isZero();
    assertThat(track.intervals(at(100), at(300)))
        .hasSize(2)
        .allSatisfy(s -> assertThat(s).isCloseTo(0.1, within(1e-9)));
    assertThat(track.stepsPerSecond(at(0), at(500))).isCloseTo(10, within(1e-9));
  }

  @Test
  void stepsDoneAgainCountAsLostAndWithTheirLastTime() {
    track.on(progress(10, steps(0, 9, 0, 0)));
    track.on(progress(5, List.of()));
    assertThat(track.next()).isEqualTo(5);
    track.on(progress(12, steps(5, 11, 1, 3_000)));

    assertThat(track.lost()).isEqualTo(5);
    assertThat(track.redone()).hasSize(5).allMatch(StepTrack.Redone::same);
    assertThat(track.doneBy(at(1_000))).isEqualTo(5);
    assertThat(track.firstAfter(at(950), 0)).map(Step::number).contains(5L);
    assertThat(track.firstAfter(at(950), 1)).isEmpty();
  }

  @Test
  void aStepDoneAgainWithAnotherLossIsSeen() {
    track.on(progress(1, List.of(new Step(0, 0, 1.5, 0.1, at(0)))));
    track.on(progress(0, List.of()));
    track.on(progress(1, List.of(new Step(0, 1, Math.nextUp(1.5), 0.1, at(900)))));

    assertThat(track.redone()).singleElement().matches(step -> !step.same());
  }

  @Test
  void stepsThatTheLogDoesNotTellOfYetAreCountedByTheTimeTheyTake() {
    assertThat(track.doneAt(at(0))).isZero();
    track.on(progress(3, steps(0, 2, 0, 0)));

    assertThat(track.doneAt(at(100))).isEqualTo(3);
    assertThat(track.doneAt(at(290))).isEqualTo(3);
    assertThat(track.doneAt(at(410))).isEqualTo(5);
  }

  @Test
  void aMissingStepCountsAsLost() {
    track.on(progress(2, steps(0, 1, 0, 0)));
    track.on(progress(5, steps(3, 4, 0, 300)));

    assertThat(track.lost()).isEqualTo(1);
  }

  @Test
  void aRateNeedsTime() {
    assertThatThrownBy(() -> track.stepsPerSecond(at(5), at(5)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("from must be before to");
  }
}
