package io.foresplit.forecaster;

import static org.assertj.core.api.Assertions.assertThat;

import io.foresplit.contract.DegradationKind;
import io.foresplit.contract.Incident;
import io.foresplit.forecaster.SimulatedJob.Fault;
import io.foresplit.forecaster.model.KindModel;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The built-in classifier on jobs of another simulation, which reports less, ten times as often.
 */
class BuiltInKindsTest {
  private static final int SEEDS = 10;

  @ParameterizedTest
  @CsvSource({
    "UPLINK_FADE, COMMUNICATION",
    "SLOWDOWN, RESOURCE",
    "LABEL_DRIFT, MODEL_DRIFT",
    "EDGE_LOST, NODE_LOSS"
  })
  void namesTheKindOrNone(Fault fault, DegradationKind kind) {
    ForecastStage stage =
        new ForecastStage(ForecasterConfig.defaults(), new ModelPlanner())
            .withKinds(KindModel.bundled());
    int named = 0;
    for (int seed = 0; seed < SEEDS; seed++) {
      SimulatedJob job = new SimulatedJob(fault, 80, seed);
      JobState state = stage.newState();
      stage.on(state, job.topology());
      Incident opened = null;
      while (opened == null && job.interval() < SimulatedJob.FIRST + 400) {
        for (var entry : job.next()) {
          for (ForecastEvent event : stage.on(state, entry)) {
            if (opened == null && event instanceof ForecastEvent.IncidentChanged changed) {
              opened = changed.incident();
            }
          }
        }
      }
      assertThat(opened).as("seed %s", seed).isNotNull();
      assertThat(opened.degradation().kind())
          .as("seed %s, %s", seed, opened.degradation())
          .isIn(kind, DegradationKind.UNKNOWN);
      named += opened.degradation().isKnown() ? 1 : 0;
    }
    assertThat(named).isGreaterThanOrEqualTo(SEEDS - 2);
  }
}
