package io.foresplit.runtime.coordinator;

import io.foresplit.contract.TrainingRuntime.MoveResult;

/** A change of what is in force, about to start. Used once, by one thread. */
interface Change {
  /** Takes it to its end; throws when the coordinator ends before. */
  MoveResult run() throws InterruptedException;
}
