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
  @ParameterizedTest
  @CsvSource({
    "UPLINK_FADE, COMMUNICATION",
    "SLOWDOWN, RESOURCE",
    "LABEL_DRIFT, MODEL_DRIFT",
    "EDGE_LOST, NODE_LOSS"
  })
  void namesTheKind(Fault fault, DegradationKind kind) {
    ForecastStage stage =
        new ForecastStage(ForecasterConfig.defaults(), new ModelPlanner())
            .withKinds(KindModel.bundled());
    for (int seed = 0; seed < 10; seed++) {
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
          .isEqualTo(kind);
    }
  }
}
