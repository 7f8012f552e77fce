package io.foresplit.app.view;

import io.foresplit.contract.ActionOutcome;
import io.foresplit.contract.Diagnosis;
import io.foresplit.contract.Forecast;
import io.foresplit.contract.Incident;
import io.foresplit.contract.JobId;
import io.foresplit.contract.JobRecord;
import io.foresplit.contract.JournalEntry;
import io.foresplit.contract.Rejection;

/**
 * Takes what the topics say, in the order of each topic; across topics the order is not defined.
 * Called from one thread.
 */
public interface RecordSink {
  void on(JobRecord record);

  void on(Forecast forecast);

  /** A forecast names no job, its record's key does. */
  default void on(JobId job, Forecast forecast) {
    on(forecast);
  }

  void on(Incident incident);

  void on(Diagnosis diagnosis);

  void on(JournalEntry entry);

  void on(ActionOutcome outcome);

  default void on(Rejection rejection) {}

  /** History is over: what comes from now on happened after the feed started. */
  default void caughtUp() {}
}
