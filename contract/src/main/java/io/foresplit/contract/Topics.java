package io.foresplit.contract;

import java.util.List;

/**
 * The topics. All but {@link #SEGMENT_REPORTS} have the job id as key and are partitioned by it
 * alone, with the same partition count, so that one task owns a job.
 */
public final class Topics {
  /** Raw {@link SegmentReport}s, keyed as producers like. */
  public static final String SEGMENT_REPORTS = "foresplit.segment-reports";

  /** {@link JobRecord}s: the ordered log of each job. */
  public static final String SEGMENT_METRICS = "foresplit.segment-metrics";

  /** {@link Rejection}s. */
  public static final String SEGMENT_METRICS_REJECTED = "foresplit.segment-metrics-rejected";

  /** {@link SplitTopology}, as the runtime announces it. */
  public static final String TOPOLOGY = "foresplit.topology";

  /** {@link Forecast}s. */
  public static final String FORECASTS = "foresplit.forecasts";

  /** {@link Incident}s, an event log. */
  public static final String INCIDENTS = "foresplit.incidents";

  /** {@link Diagnosis} records. */
  public static final String DIAGNOSES = "foresplit.diagnoses";

  /** {@link OperatorCommand}s. */
  public static final String COMMANDS = "foresplit.commands";

  /** {@link JournalEntry} events, an event log. */
  public static final String ACTION_JOURNAL = "foresplit.action-journal";

  /** {@link ActionOutcome}s. */
  public static final String OUTCOMES = "foresplit.outcomes";

  /** Every topic, for creating them. */
  public static final List<String> ALL =
      List.of(
          SEGMENT_REPORTS,
          SEGMENT_METRICS,
          SEGMENT_METRICS_REJECTED,
          TOPOLOGY,
          FORECASTS,
          INCIDENTS,
          DIAGNOSES,
          COMMANDS,
          ACTION_JOURNAL,
          OUTCOMES);

  private Topics() {}
}
