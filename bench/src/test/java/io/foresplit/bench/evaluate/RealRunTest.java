package io.foresplit.bench.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.foresplit.bench.evaluate.RealRun.Interval;
import io.foresplit.bench.evaluate.RealRun.Recorded;
import io.foresplit.bench.measure.Act;
import io.foresplit.bench.measure.Run;
import io.foresplit.bench.measure.Truth;
import io.foresplit.bench.scenario.RealSuite;
import io.foresplit.bench.scenario.Scenario;
import io.foresplit.bench.scenario.ScenarioFile;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RealRunTest {
  private static final Instant START = Instant.parse("2026-03-01T10:00:00.200Z");
  private static final ScenarioFile FILE = ScenarioFile.of(RealSuite.scenarios(1).get(0));
  private static final Scenario SCENARIO = FILE.scenario();
  private static final double ONSET = SCENARIO.jobs().get(0).faults().get(0).onsetSeconds();
  private static final double PACE = 6;

  /** Healthy at six steps a second, slow from a while after the onset, silent from later on. */
  private static Recorded recorded(double slowFrom, double silentFrom, List<Act> restores) {
    List<Interval> intervals = new ArrayList<>();
    for (int i = 1; i * 0.5 - 0.2 <= SCENARIO.durationSeconds() + 2; i++) {
      double end = i * 0.5 - 0.2;
      if (end < silentFrom) {
        double step = end < slowFrom ? 1 / PACE : 0.6;
        intervals.add(
            new Interval(
                START.plusMillis(Math.round(1000 * end)), step, 0.5, Math.round(PACE * end)));
      }
    }
    return new Recorded(START, intervals, List.of(), List.of(), List.of(), restores, 400);
  }

  @Test
  void aRunThatNobodyLooksAfterTellsWhenTheFaultBreaches() throws Exception {
    Recorded none = recorded(ONSET + 4, 1e9, List.of());
    List<Truth> truths = RealRun.truths(FILE, List.of(), none);
    assertThat(truths).hasSize(1);
    // three seconds above the bound are six intervals
    assertThat(truths.get(0).breachSeconds()).isCloseTo(ONSET + 4 + 2.5, within(0.51));
    Run run = RealRun.of(FILE, Strategy.NONE, truths, none);
    assertThat(run.runtime()).isEqualTo(Run.REAL);
    assertThat(run.breaches()).hasSize(1);
    assertThat(run.breaches().get(0).to()).isCloseTo(SCENARIO.durationSeconds(), within(0.51));
    assertThat(run.finalLoss()).isEqualTo(0.5);
    assertThat(run.faultFreeLoss()).isNaN();
  }

  @Test
  void intervalsOfWhichNothingIsHeardAreOnesInWhichNothingIsDone() throws Exception {
    Recorded silent = recorded(1e9, ONSET + 10, List.of());
    Run run = RealRun.of(FILE, Strategy.NONE, List.of(), silent);
    assertThat(run.breaches()).hasSize(1);
    assertThat(run.breaches().get(0).from()).isCloseTo(ONSET + 10 + 3, within(1.01));
    assertThat(run.breaches().get(0).to()).isCloseTo(SCENARIO.durationSeconds(), within(0.51));
    assertThat(run.finalLoss()).isNaN();
  }

  @Test
  void healthyStepsAreThoseOfThePaceBeforeTheFault() throws Exception {
    Run run = RealRun.of(FILE, Strategy.PROACTIVE, List.of(), recorded(ONSET + 1, 1e9, List.of()));
    assertThat((double) run.faultFreeSteps())
        .isCloseTo(PACE * SCENARIO.durationSeconds(), within(8.0));
    assertThat(run.usefulSteps()).isEqualTo(400);
  }

  @Test
  void whatHappensAfterTheEndDoesNotCount() throws Exception {
    List<Act> restores =
        List.of(
            Act.restored(ONSET + 2, 1100, 7), Act.restored(SCENARIO.durationSeconds() + 1, 900, 3));
    Run run = RealRun.of(FILE, Strategy.PROACTIVE, List.of(), recorded(1e9, 1e9, restores));
    assertThat(run.acts()).containsExactly(restores.get(0));
  }

  @Test
  void aRunWithoutAPaceIsNone() {
    Recorded nothing = recorded(1e9, 5, List.of());
    assertThatThrownBy(() -> RealRun.of(FILE, Strategy.PROACTIVE, List.of(), nothing))
        .isInstanceOf(ScenarioFailedException.class)
        .hasMessageContaining("training had no pace");
  }

  @Test
  void aMachineThatCannotBearTheHealthyJobIsToldSo() {
    Recorded slow = recorded(0, 1e9, List.of());
    assertThatThrownBy(() -> RealRun.of(FILE, Strategy.PROACTIVE, List.of(), slow))
        .isInstanceOf(ScenarioFailedException.class)
        .hasMessageContaining("a step took 0.60 s, over its bound of 0.29 s");
  }
}
