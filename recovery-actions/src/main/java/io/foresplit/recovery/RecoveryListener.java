package io.foresplit.recovery;

import io.foresplit.contract.ActionOutcome;
import io.foresplit.contract.IncidentId;
import io.foresplit.contract.JobId;
import io.foresplit.contract.JournalEntry;

/** What recovery tells its owner. Called on the loop thread; must return at once and not throw. */
public interface RecoveryListener {
  /** Tells nobody. */
  RecoveryListener NONE = new RecoveryListener() {};

  /** The entry is durably in the journal. */
  default void journaled(JournalEntry entry) {}

  /** The action is over. */
  default void ended(ActionOutcome outcome) {}

  /** Nothing is done about a diagnosis, for now or for good; the reason is one line. */
  default void declined(JobId job, IncidentId incident, String reason) {}

  /** What became of the moves a language model recommended; see {@link Effect.Recommended}. */
  default void recommended(JobId job, int refused, int lost, boolean won) {}

  /** A language model recommended so many moves when what to do had been decided. */
  default void late(JobId job, int moves) {}

  /** The runtime could not be asked; it is asked again at the next tick. */
  default void unreachable(JobId job, String reason) {}

  /** A record that could not be read was left out. */
  default void skipped(String topic, int partition, long offset, String reason) {}

  /** The loop has ended with a failure and acts no more. */
  default void failed(Throwable failure) {}
}
