package io.foresplit.runtime.sim;

/** What a controller has done to a simulated job, in virtual time. Not thread-safe. */
interface SimulatedAction {
  /** Begins; lets no time pass. */
  void start();

  /**
   * Ends at once, for training stops to recover; false when it goes on, for it does more than that.
   */
  boolean overtake();
}
