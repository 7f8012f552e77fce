package io.foresplit.collector;

import io.foresplit.contract.JobId;
import io.foresplit.contract.JobRecord;
import io.foresplit.contract.Rejection;

/** What the collector decides, in the order in which it has to happen. */
public sealed interface CollectorEvent {
  /** A record of the job's log. */
  record Emitted(JobRecord record) implements CollectorEvent {}

  /** Something was not used. */
  record Rejected(Rejection rejection) implements CollectorEvent {}

  /** The clock jumped over intervals after a pause; they get no tick. */
  record Jumped(JobId job, long intervals, long closed) implements CollectorEvent {}
}
