package io.foresplit.contract;

/** Identifies a recovery action, also its idempotency key. */
public record ActionId(String value) implements Comparable<ActionId> {
  public ActionId {
    Names.require("action id", value);
  }

  @Override
  public int compareTo(ActionId other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
