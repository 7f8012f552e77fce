package io.foresplit.recovery;

import io.foresplit.contract.ActionId;
import io.foresplit.contract.ActionOutcome;
import io.foresplit.contract.IncidentId;
import io.foresplit.contract.JobId;
import io.foresplit.contract.JournalEntry;
import io.foresplit.contract.RecoveryPlan;

/**
 * What the stage wants done. The shell first makes all {@link Append} and {@link Publish} effects
 * of one input durable together, then tells the stage, then starts the calls.
 */
public sealed interface Effect {
  JobId job();

  /** Write an event to the journal. */
  record Append(JournalEntry entry) implements Effect {
    @Override
    public JobId job() {
      return entry.job();
    }
  }

  /** Publish how an action ended, together with the entry that closes it. */
  record Publish(ActionOutcome outcome) implements Effect {
    @Override
    public JobId job() {
      return outcome.plan().job();
    }
  }

  /** Tell the runtime of the new term, then read its placement. */
  record Fence(JobId job, long term) implements Effect {}

  /** Have the runtime carry out a plan whose intent is in the journal. */
  record CallRuntime(RecoveryPlan plan, long term) implements Effect {
    @Override
    public JobId job() {
      return plan.job();
    }
  }

  /** Ask the runtime what became of an action. */
  record AskStatus(JobId job, ActionId action) implements Effect {}

  /** Nothing is done about a diagnosis, for now or for good. */
  record Declined(JobId job, IncidentId incident, String reason) implements Effect {}

  /**
   * A diagnosis for which a language model recommended moves has been decided on.
   *
   * @param refused moves that started elsewhere or that the rules of the job do not allow
   * @param lost moves that were allowed, and not made
   * @param won whether one of them is the move that is made
   */
  record Recommended(JobId job, IncidentId incident, int refused, int lost, boolean won)
      implements Effect {}

  /**
   * Moves a language model recommended when what to do had been decided.
   *
   * @param moves 1 or more
   */
  record Late(JobId job, int moves) implements Effect {}

  /** The runtime could not be reached. */
  record Unreachable(JobId job, String reason) implements Effect {}
}
