package io.foresplit.bench.data;

import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * How often the root cause is among the first k of a ranking, by mean over cases; Avg@5 is the mean
 * over k from 1 to 5 (Pham et al., BARO, 2024). Components with equal scores are in random order:
 * this is the expected value over it. What has no score is not in the ranking.
 *
 * @param cases pooled
 */
public record RootCauseScore(double top1, double top3, double avgAt5, int cases) {
  private static final int DEPTH = 5;

  /** The expected share of a case whose root cause is within the first k. */
  static double hit(Map<String, Double> scores, String rootCause, int k) {
    Double own = scores.get(rootCause);
    if (own == null) {
      return 0;
    }
    long above = scores.values().stream().filter(s -> s > own).count();
    long equal = scores.values().stream().filter(s -> s.equals(own)).count();
    return Math.min(Math.max((double) (k - above) / equal, 0), 1);
  }

  /**
   * The score of a ranker.
   *
   * @param rankings score by component, by case; a higher one is likelier
   */
  public static RootCauseScore of(List<RootCauseCase> cases, List<Map<String, Double>> rankings) {
    double top1 = 0;
    double top3 = 0;
    double all = 0;
    for (int i = 0; i < cases.size(); i++) {
      String cause = cases.get(i).rootCause();
      top1 += hit(rankings.get(i), cause, 1);
      top3 += hit(rankings.get(i), cause, 3);
      for (int k = 1; k <= DEPTH; k++) {
        all += hit(rankings.get(i), cause, k);
      }
    }
    int n = Math.max(1, cases.size());
    return new RootCauseScore(top1 / n, top3 / n, all / (DEPTH * n), cases.size());
  }

  /** The score over the cases of all. */
  public static RootCauseScore pooled(Collection<RootCauseScore> scores) {
    int n = Math.max(1, scores.stream().mapToInt(RootCauseScore::cases).sum());
    return new RootCauseScore(
        scores.stream().mapToDouble(s -> s.top1() * s.cases()).sum() / n,
        scores.stream().mapToDouble(s -> s.top3() * s.cases()).sum() / n,
        scores.stream().mapToDouble(s -> s.avgAt5() * s.cases()).sum() / n,
        n);
  }
}
