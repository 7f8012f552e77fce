package io.foresplit.contract;

import java.time.Instant;

/**
 * The job and where its layers are at an epoch.
 *
 * @param epoch grows by one with every committed move
 */
public record SplitTopology(JobSpec job, long epoch, Placement placement, Instant since)
    implements JobRecord {
  public SplitTopology {
    if (epoch < 0) {
      throw new IllegalArgumentException("epoch must not be negative, was " + epoch);
    }
  }

  @Override
  public JobId jobId() {
    return job.id();
  }
}
