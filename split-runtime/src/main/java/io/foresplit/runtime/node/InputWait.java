package io.foresplit.runtime.node;

/** How long a segment that was ready has waited for input within a step. Not thread-safe. */
final class InputWait {
  private final TrainingClock clock;
  private double since = Double.NaN;
  private double waited;

  InputWait(TrainingClock clock) {
    this.clock = clock;
  }

  /** Ready for input from now on. */
  void begin() {
    since = clock.now();
  }

  /** Input is there. */
  void end() {
    if (!Double.isNaN(since)) {
      waited += clock.now() - since;
      since = Double.NaN;
    }
  }

  /** Not waiting any more, and what was waited for has not come. */
  void forget() {
    since = Double.NaN;
  }

  /** Seconds in this step. */
  double waited() {
    return waited;
  }

  void nextStep() {
    waited = 0;
  }
}
