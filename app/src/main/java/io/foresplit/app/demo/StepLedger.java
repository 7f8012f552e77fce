package io.foresplit.app.demo;

import io.foresplit.runtime.TrainingProgress;

/** Counts whether every step was committed exactly once and in order. Not thread-safe. */
final class StepLedger {
  private long next;
  private long lost;

  /** The first step that has not been seen. */
  long next() {
    return next;
  }

  void on(TrainingProgress progress) {
    for (TrainingProgress.Step step : progress.log()) {
      lost += Math.abs(step.number() - next);
      next = step.number() + 1;
    }
  }

  long lost() {
    return lost;
  }
}
