package io.foresplit.bench.peer;

import io.foresplit.bench.data.RootCauseCase;
import io.foresplit.bench.data.RootCauseScore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Rankers on cases with a known root cause, pooled by kind. */
public final class RootCauseComparison {
  private final List<RootCauseCase> cases;

  public RootCauseComparison(List<RootCauseCase> cases) {
    this.cases = List.copyOf(cases);
  }

  public List<RootCauseCase> cases() {
    return cases;
  }

  /** Kinds of cases, in order. */
  public List<String> kinds() {
    return cases.stream().map(RootCauseCase::kind).distinct().sorted().toList();
  }

  /**
   * The score of a ranker by kind.
   *
   * @param late rows by which the onset that it is told is too late; negative when too early
   */
  public Map<String, RootCauseScore> of(RootCauseRanker ranker, int late) {
    Map<String, RootCauseScore> byKind = new TreeMap<>();
    for (String kind : kinds()) {
      List<RootCauseCase> pooled = cases.stream().filter(c -> c.kind().equals(kind)).toList();
      List<Map<String, Double>> rankings = new ArrayList<>();
      for (RootCauseCase one : pooled) {
        rankings.add(ranker.scores(one.withOnset(one.onset() + late)));
      }
      byKind.put(kind, RootCauseScore.of(pooled, rankings));
    }
    return byKind;
  }
}
