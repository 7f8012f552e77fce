package io.foresplit.recovery;

import io.foresplit.contract.ActionId;
import io.foresplit.contract.JobId;
import io.foresplit.contract.SplitTopology;
import io.foresplit.contract.TrainingRuntime.MoveResult;

/** What came of a call to the runtime, as an input of the stage. */
public sealed interface RuntimeResult {
  JobId job();

  /** The runtime refuses older terms from now on; this is its placement. */
  record Fenced(JobId job, long term, SplitTopology topology) implements RuntimeResult {}

  /** The runtime could not be fenced. */
  record FenceFailed(JobId job, String reason) implements RuntimeResult {}

  /** What a move or a question for its status gave. */
  record Answered(JobId job, ActionId action, MoveResult result) implements RuntimeResult {}

  /** The runtime knows nothing of the action. */
  record NeverAccepted(JobId job, ActionId action) implements RuntimeResult {}

  /** The call failed: whether the runtime did it is open. */
  record Unknown(JobId job, ActionId action, String reason) implements RuntimeResult {}
}
