package io.foresplit.contract;

/**
 * How likely an objective is breached within the horizon.
 *
 * @param probability in [0, 1]
 * @param earliestInterval interval by which the bound is crossed with a probability of 0.1, or -1
 *     when that is not within the horizon
 * @param expectedInterval interval at which the median forecast crosses the bound, or -1
 * @param latestInterval interval by which it is crossed with a probability of 0.9, or -1
 * @param current last measured value of the objective's metric
 * @param breached whether the objective is breached already
 */
public record BreachRisk(
    ObjectiveId objective,
    double probability,
    long earliestInterval,
    long expectedInterval,
    long latestInterval,
    double current,
    boolean breached) {
  public BreachRisk {
    if (!(probability >= 0 && probability <= 1)) {
      throw new IllegalArgumentException("probability must be in [0, 1], was " + probability);
    }
  }
}
