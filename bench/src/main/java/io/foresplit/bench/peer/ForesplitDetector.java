package io.foresplit.bench.peer;

import io.foresplit.forecaster.AnomalyScorer;

/** This product's scorer, that of {@code foresplit detect}. */
public final class ForesplitDetector implements AnomalyDetector {
  @Override
  public String label() {
    return "foresplit";
  }

  @Override
  public Scorer start() {
    return new AnomalyScorer()::next;
  }
}
