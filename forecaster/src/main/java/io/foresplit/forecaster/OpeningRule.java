package io.foresplit.forecaster;

import io.foresplit.contract.BreachRisk;
import io.foresplit.contract.IntervalTick;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.Objective;
import io.foresplit.contract.ObjectiveId;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * When an objective is in enough danger to act on: it is breached; or a breach has been likely for
 * some intervals, and something has left its healthy range; or its metric has shifted for certain;
 * or training stands still. Stateless; the state is the job's.
 */
final class OpeningRule {
  private static final int LEVEL_VALUES = 4;
  private static final double PART_OF_THE_WAY = 0.4;

  private final ForecasterConfig config;

  OpeningRule(ForecasterConfig config) {
    this.config = config;
  }

  /**
   * The objectives at risk at a tick.
   *
   * @param objectives readings of their metrics, in the order of the job's objectives
   */
  Set<ObjectiveId> atRisk(
      JobState state,
      JobSpec job,
      IntervalTick tick,
      List<BreachRisk> risks,
      ConditionOutlook conditions,
      List<SeriesModel.Reading> objectives) {
    Set<ObjectiveId> result = new TreeSet<>();
    for (int i = 0; i < objectives.size(); i++) {
      Objective objective = job.objectives().get(i);
      SeriesModel.Reading reading = objectives.get(i);
      double bound = reading.scale().toModel(objective.bound());
      HealthyRange healthy = state.model(reading.series()).healthy();
      boolean evidence = hasEvidence(reading, conditions, healthy, bound);
      for (BreachRisk risk : risks) {
        if (risk.objective().equals(objective.id())) {
          ObjectiveWatch watch = state.watch(objective.id());
          int run = watch.high(evidence && risk.probability() >= config.openProbability());
          boolean certain = watch.isCertain(objective, tick, config.healthyValues());
          if (risk.breached() || run >= config.openTicks() || certain) {
            result.add(objective.id());
          }
        }
      }
    }
    return result;
  }

  /**
   * Whether something has left its healthy range already: a condition or the step time itself for
   * the step time. A metric that conditions do not move has no second witness: its range must have
   * been learnt, and it have come part of the way to its bound.
   */
  private boolean hasEvidence(
      SeriesModel.Reading objective,
      ConditionOutlook conditions,
      HealthyRange healthy,
      double bound) {
    boolean outside = objective.badness() >= HealthyRange.OUTSIDE_SIGMAS;
    if (WindowAssembler.dependsOnCut(objective.series().metric())) {
      return outside || conditions.outsideHealthy();
    }
    double way = bound - healthy.center();
    double gone = Robust.level(objective.model(), LEVEL_VALUES) - healthy.center();
    boolean learnt = healthy.learnt() >= config.healthyValues();
    return learnt && outside && gone >= PART_OF_THE_WAY * way;
  }
}
