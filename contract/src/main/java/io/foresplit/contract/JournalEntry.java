package io.foresplit.contract;

import java.time.Instant;

/**
 * An event of the topic {@code action-journal}. The journal is append-only; the state of every
 * action is its fold. The offset of a {@link LeaseTaken} record is the term that fences its writer.
 */
public sealed interface JournalEntry {
  JobId job();

  Instant at();

  /** A controller takes over the job. */
  record LeaseTaken(JobId job, Instant at, String controller) implements JournalEntry {}

  /** The intent, written before the runtime is called. */
  record Intended(JobId job, Instant at, RecoveryPlan plan) implements JournalEntry {}

  /** The runtime did it. */
  record Executed(JobId job, Instant at, ActionId action, long epoch, long pauseMillis)
      implements JournalEntry {}

  /** The runtime refused or failed; the old placement is in force. */
  record Failed(JobId job, Instant at, ActionId action, String reason) implements JournalEntry {}

  /** It did not help; the reverse move is intended under its own action id. */
  record UndoIntended(JobId job, Instant at, ActionId action, RecoveryPlan reverse)
      implements JournalEntry {}

  /** The action is over. */
  record Closed(JobId job, Instant at, ActionId action, ActionOutcome outcome)
      implements JournalEntry {}
}
