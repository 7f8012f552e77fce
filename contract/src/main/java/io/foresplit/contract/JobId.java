package io.foresplit.contract;

/** Identifies a training job. */
public record JobId(String value) implements Comparable<JobId> {
  public JobId {
    Names.require("job id", value);
  }

  @Override
  public int compareTo(JobId other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
