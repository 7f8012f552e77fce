package io.foresplit.contract;

/** Identifies an objective of a job. */
public record ObjectiveId(String value) implements Comparable<ObjectiveId> {
  public ObjectiveId {
    Names.require("objective id", value);
  }

  @Override
  public int compareTo(ObjectiveId other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
