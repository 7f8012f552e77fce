package io.foresplit.contract;

/** Identifies an incident. */
public record IncidentId(String value) implements Comparable<IncidentId> {
  public IncidentId {
    Names.require("incident id", value);
  }

  @Override
  public int compareTo(IncidentId other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
