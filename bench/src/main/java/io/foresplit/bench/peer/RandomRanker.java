package io.foresplit.bench.peer;

import io.foresplit.bench.data.RootCauseCase;
import java.util.HashMap;
import java.util.Map;

/** All components alike, so that the score is the expected one of a random order. */
public final class RandomRanker implements RootCauseRanker {
  @Override
  public String label() {
    return "random";
  }

  @Override
  public Map<String, Double> scores(RootCauseCase incident) {
    Map<String, Double> scores = new HashMap<>();
    incident.components().forEach(component -> scores.put(component, 0.0));
    return scores;
  }
}
