package io.foresplit.forecaster;

import io.foresplit.contract.BreachRisk;
import io.foresplit.contract.Forecast;
import io.foresplit.contract.Objective;

/**
 * How likely an objective is breached within the horizon of a forecast. Neighbouring intervals are
 * taken as one path: the probability of staying above the bound is the least along the stay.
 */
final class BreachPredictor {
  /** Probability of having crossed a bound, of the late end of the time to it. */
  private static final double SURE = 0.9;

  private BreachPredictor() {}

  /**
   * @param aboveRun intervals the metric has been above the bound until now
   * @param duration intervals it has to be, for a breach
   * @param least probability that other evidence speaks for
   */
  static BreachRisk risk(
      Objective objective,
      Forecast forecast,
      int aboveRun,
      int duration,
      double current,
      double least) {
    boolean breached = aboveRun >= duration;
    double probability =
        breached ? 1 : Math.max(least, probability(objective, forecast, aboveRun, duration));
    return new BreachRisk(
        objective.id(),
        ConditionSeries.clamp(probability, 0, 1),
        crossed(objective, forecast, aboveRun, 1 - SURE),
        crossed(objective, forecast, aboveRun, 0.5),
        crossed(objective, forecast, aboveRun, SURE),
        current,
        breached);
  }

  private static double probability(
      Objective objective, Forecast forecast, int aboveRun, int duration) {
    int horizon = forecast.horizon();
    double[] above = new double[horizon];
    for (int h = 0; h < horizon; h++) {
      above[h] = forecast.probabilityAbove(objective.bound(), h);
    }
    double best = 0;
    if (aboveRun > 0) {
      best = least(above, 0, Math.min(duration - aboveRun, horizon));
    }
    int stay = Math.min(duration, horizon);
    for (int start = 0; start + stay <= horizon; start++) {
      best = Math.max(best, least(above, start, start + stay));
    }
    return best;
  }

  private static double least(double[] values, int from, int to) {
    double least = 1;
    for (int i = from; i < to; i++) {
      least = Math.min(least, values[i]);
    }
    return least;
  }

  /** The first interval at which the metric lies above the bound with more than a probability. */
  private static long crossed(
      Objective objective, Forecast forecast, int aboveRun, double probability) {
    if (aboveRun > 0) {
      return forecast.origin();
    }
    for (int h = 0; h < forecast.horizon(); h++) {
      if (forecast.probabilityAbove(objective.bound(), h) > probability) {
        return forecast.origin() + h + 1;
      }
    }
    return -1;
  }
}
