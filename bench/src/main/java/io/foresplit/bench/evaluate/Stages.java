package io.foresplit.bench.evaluate;

import io.foresplit.collector.CollectorConfig;
import io.foresplit.contract.Diagnosis;
import io.foresplit.contract.PlacementPlanner;
import io.foresplit.diagnoser.DiagnoserConfig;
import io.foresplit.forecaster.ForecastStage;
import io.foresplit.forecaster.ForecasterConfig;
import io.foresplit.recovery.RecoveryConfig;
import io.foresplit.runtime.plan.CutPlanner;
import java.util.function.UnaryOperator;

/**
 * The service's decision code as it is configured. A check of the yardstick puts something worse in
 * the place of a part.
 *
 * @param diagnosed what becomes of a diagnosis before recovery gets it; the identity in the service
 */
public record Stages(
    CollectorConfig collector,
    ForecastStage forecaster,
    DiagnoserConfig diagnoser,
    UnaryOperator<Diagnosis> diagnosed,
    RecoveryConfig recovery,
    PlacementPlanner planner) {

  /** As the service has them. */
  public static Stages ofService() {
    PlacementPlanner planner = new CutPlanner();
    return new Stages(
        CollectorConfig.defaults(),
        new ForecastStage(ForecasterConfig.defaults(), planner),
        DiagnoserConfig.defaults(),
        UnaryOperator.identity(),
        RecoveryConfig.defaults(),
        planner);
  }

  public Stages withForecaster(ForecastStage other) {
    return new Stages(collector, other, diagnoser, diagnosed, recovery, planner);
  }

  public Stages withDiagnosed(UnaryOperator<Diagnosis> other) {
    return new Stages(collector, forecaster, diagnoser, other, recovery, planner);
  }

  public Stages withRecovery(RecoveryConfig other) {
    return new Stages(collector, forecaster, diagnoser, diagnosed, other, planner);
  }
}
