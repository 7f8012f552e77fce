package io.foresplit.app.objectives;

import io.foresplit.app.view.RecordSink;
import io.foresplit.contract.ActionOutcome;
import io.foresplit.contract.Diagnosis;
import io.foresplit.contract.Forecast;
import io.foresplit.contract.Incident;
import io.foresplit.contract.JobId;
import io.foresplit.contract.JobRecord;
import io.foresplit.contract.JournalEntry;
import io.foresplit.forecaster.ObjectiveSuggester;
import java.util.Set;
import java.util.TreeSet;

/** Hands the history of one job to a suggester. */
final class JobHistory implements RecordSink {
  private final JobId job;
  private final ObjectiveSuggester suggester;
  private final Set<JobId> jobs = new TreeSet<>();

  JobHistory(JobId job, ObjectiveSuggester suggester) {
    this.job = job;
    this.suggester = suggester;
  }

  /** All jobs that were met. */
  Set<JobId> jobs() {
    return jobs;
  }

  @Override
  public void on(JobRecord record) {
    jobs.add(record.jobId());
    if (record.jobId().equals(job)) {
      suggester.on(record);
    }
  }

  @Override
  public void on(Incident incident) {
    if (incident.job().equals(job)) {
      suggester.on(incident);
    }
  }

  @Override
  public void on(Forecast forecast) {
    // what is expected says nothing of what was healthy
  }

  @Override
  public void on(Diagnosis diagnosis) {
    // the incident is told already
  }

  @Override
  public void on(JournalEntry entry) {
    // the topology tells of moves
  }

  @Override
  public void on(ActionOutcome outcome) {
    // likewise
  }
}
