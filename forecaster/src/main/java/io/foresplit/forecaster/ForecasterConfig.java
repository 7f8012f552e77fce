package io.foresplit.forecaster;

import java.util.ArrayList;
import java.util.List;

/**
 * What the stage can be told. Times are in report intervals ("ticks"), 0.5 s each in the demo.
 *
 * @param windowLength values kept a series
 * @param horizon intervals forecast ahead
 * @param calmTicks a series that has not left its healthy range, and is not near to, is forecast
 *     once in so many intervals, more rarely while forecasts cannot keep up; others in each
 * @param leastValues values a series needs before it is forecast
 * @param leastValuesAfterMove values the step time needs at a new epoch before it is forecast
 * @param healthyValues values the healthy range of a series is learnt from
 * @param warmUpTicks intervals of a job without alarm
 * @param openProbability probability of a breach that opens an incident
 * @param openTicks intervals the probability has to stay there
 * @param silentTicks intervals without report after which a node counts as lost
 * @param resolveProbability risk below which an incident calms down
 * @param resolveTicks calm intervals after which it is resolved
 * @param updateTicks least intervals between two records of an incident
 * @param updateChange least relative change of a condition that is worth an update, beyond noise
 * @param settledChange relative change, beyond noise, above which a condition has not settled
 */
public record ForecasterConfig(
    int windowLength,
    int horizon,
    int calmTicks,
    int leastValues,
    int leastValuesAfterMove,
    int healthyValues,
    int warmUpTicks,
    double openProbability,
    int openTicks,
    int silentTicks,
    double resolveProbability,
    int resolveTicks,
    int updateTicks,
    double updateChange,
    double settledChange) {
  public ForecasterConfig {
    List<String> problems = new ArrayList<>();
    within(problems, "windowLength", windowLength, 64, 4096);
    within(problems, "horizon", horizon, 1, 512);
    within(problems, "calmTicks", calmTicks, 1, 1000);
    within(problems, "leastValues", leastValues, Forecaster.LEAST_VALUES, windowLength);
    within(problems, "leastValuesAfterMove", leastValuesAfterMove, Forecaster.LEAST_VALUES, 128);
    within(problems, "healthyValues", healthyValues, 10, windowLength);
    within(problems, "warmUpTicks", warmUpTicks, 0, 100_000);
    within(problems, "openTicks", openTicks, 1, 1000);
    within(problems, "silentTicks", silentTicks, 1, 1000);
    within(problems, "resolveTicks", resolveTicks, 1, 10_000);
    within(problems, "updateTicks", updateTicks, 1, 10_000);
    share(problems, "openProbability", openProbability);
    share(problems, "resolveProbability", resolveProbability);
    share(problems, "updateChange", updateChange);
    share(problems, "settledChange", settledChange);
    if (resolveProbability >= openProbability) {
      problems.add(
          "resolveProbability must be below openProbability "
              + openProbability
              + ", was "
              + resolveProbability);
    }
    if (!problems.isEmpty()) {
      throw new IllegalArgumentException("forecaster: " + String.join("; ", problems));
    }
  }

  public static ForecasterConfig defaults() {
    return new ForecasterConfig(256, 40, 8, 12, 6, 30, 24, 0.7, 3, 2, 0.2, 16, 8, 0.1, 0.05);
  }

  private static void within(List<String> problems, String what, int value, int low, int high) {
    if (value < low || value > high) {
      problems.add(what + " must be between " + low + " and " + high + ", was " + value);
    }
  }

  private static void share(List<String> problems, String what, double value) {
    if (!(value > 0 && value < 1)) {
      problems.add(what + " must be in (0, 1), was " + value);
    }
  }
}
