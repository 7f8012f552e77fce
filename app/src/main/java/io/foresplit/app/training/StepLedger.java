package io.foresplit.app.training;

import io.foresplit.runtime.TrainingProgress;

/** Counts whether every step was committed exactly once and in order. Not thread-safe. */
public final class StepLedger {
  private long next;
  private long lost;

  /** The first step that has not been seen. */
  public long next() {
    return next;
  }

  public void on(TrainingProgress progress) {
    for (TrainingProgress.Step step : progress.log()) {
      lost += Math.abs(step.number() - next);
      next = step.number() + 1;
    }
  }

  public long lost() {
    return lost;
  }
}
