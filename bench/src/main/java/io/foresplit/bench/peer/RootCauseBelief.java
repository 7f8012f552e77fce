package io.foresplit.bench.peer;

import io.foresplit.bench.data.RootCauseCase;
import io.foresplit.diagnoser.MetricDiagnosis;
import io.foresplit.diagnoser.MetricDiagnosis.Finding;
import java.util.List;

/**
 * Whether the share of belief in what is ranked first is how often that is right.
 *
 * @param mean share of belief in the first; 0 where it abstains
 * @param right how often the first is right
 * @param calibrationError mean distance of belief and share right over bins of belief of a fifth
 *     each, by cases in them
 * @param meanWithoutFault share of belief in the first where there is no fault
 * @param abstained how often it abstains there
 */
public record RootCauseBelief(
    double mean, double right, double calibrationError, double meanWithoutFault, double abstained) {
  private static final int BINS = 5;

  /** Of a ranker on cases with and without a fault. */
  public static RootCauseBelief of(
      ForesplitRanker ranker, List<RootCauseCase> faults, List<RootCauseCase> none) {
    double[] believed = new double[BINS];
    double[] right = new double[BINS];
    double allBelieved = 0;
    double allRight = 0;
    for (RootCauseCase one : faults) {
      List<Finding> ranked = ranker.diagnosis(one).ranked();
      double belief = ranked.isEmpty() ? 0 : ranked.get(0).score();
      boolean hit = !ranked.isEmpty() && ranked.get(0).component().equals(one.rootCause());
      int bin = (int) Math.min(BINS - 1, belief * BINS);
      believed[bin] += belief;
      right[bin] += hit ? 1 : 0;
      allBelieved += belief;
      allRight += hit ? 1 : 0;
    }
    double error = 0;
    for (int bin = 0; bin < BINS; bin++) {
      error += Math.abs(believed[bin] - right[bin]);
    }
    double without = 0;
    double abstained = 0;
    for (RootCauseCase one : none) {
      MetricDiagnosis diagnosis = ranker.diagnosis(one);
      abstained += diagnosis.abstained() ? 1 : 0;
      without += diagnosis.abstained() ? 0 : diagnosis.ranked().get(0).score();
    }
    double cases = Math.max(1, faults.size());
    double quiet = Math.max(1, none.size());
    return new RootCauseBelief(
        allBelieved / cases, allRight / cases, error / cases, without / quiet, abstained / quiet);
  }
}
