package io.foresplit.bench.evaluate;

import io.foresplit.collector.CollectorConfig;
import io.foresplit.contract.Diagnosis;
import io.foresplit.contract.PlacementPlanner;
import io.foresplit.diagnoser.DiagnoserConfig;
import io.foresplit.diagnoser.LearningClassifier;
import io.foresplit.diagnoser.LearningModel;
import io.foresplit.forecaster.ForecastStage;
import io.foresplit.forecaster.Forecaster;
import io.foresplit.forecaster.ForecasterConfig;
import io.foresplit.forecaster.KindClassifier;
import io.foresplit.forecaster.model.Forecasters;
import io.foresplit.forecaster.model.KindModel;
import io.foresplit.forecaster.model.ModelFileException;
import io.foresplit.recovery.RecoveryConfig;
import io.foresplit.runtime.plan.CutPlanner;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * The service's decision code as it is configured. A check of the yardstick puts something worse in
 * the place of a part.
 *
 * @param planner of forecaster, diagnoser and whoever else looks after a job
 * @param planning the planner of recovery; the same in the service
 * @param learning tells by which cause learning suffers
 * @param diagnosed what becomes of a diagnosis before recovery gets it; the identity in the service
 */
public record Stages(
    CollectorConfig collector,
    ForecastStage forecaster,
    DiagnoserConfig diagnoser,
    LearningClassifier learning,
    UnaryOperator<Diagnosis> diagnosed,
    RecoveryConfig recovery,
    PlacementPlanner planner,
    PlacementPlanner planning) {

  /** The model that is built in, loaded once for the process. */
  private static final class BuiltIn {
    static final List<Forecaster> FORECASTERS = load();

    private static List<Forecaster> load() {
      try {
        return Forecasters.of(null).all();
      } catch (ModelFileException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** As the service has them. */
  public static Stages ofService() {
    return with(KindModel.bundled());
  }

  /** As the service has them, but for who says of which kind an incident is. */
  public static Stages with(KindClassifier kinds) {
    PlacementPlanner planner = new CutPlanner();
    return new Stages(
        CollectorConfig.defaults(),
        new ForecastStage(ForecasterConfig.defaults(), planner, BuiltIn.FORECASTERS)
            .withKinds(kinds),
        DiagnoserConfig.defaults(),
        LearningModel.bundled(),
        UnaryOperator.identity(),
        RecoveryConfig.defaults(),
        planner,
        planner);
  }

  public Stages withForecaster(ForecastStage other) {
    return new Stages(
        collector, other, diagnoser, learning, diagnosed, recovery, planner, planning);
  }

  public Stages withLearning(LearningClassifier other) {
    return new Stages(
        collector, forecaster, diagnoser, other, diagnosed, recovery, planner, planning);
  }

  public Stages withDiagnosed(UnaryOperator<Diagnosis> other) {
    return new Stages(
        collector, forecaster, diagnoser, learning, other, recovery, planner, planning);
  }

  public Stages withRecovery(RecoveryConfig other) {
    return new Stages(
        collector, forecaster, diagnoser, learning, diagnosed, other, planner, planning);
  }

  public Stages withPlanning(PlacementPlanner other) {
    return new Stages(
        collector, forecaster, diagnoser, learning, diagnosed, recovery, planner, other);
  }
}
