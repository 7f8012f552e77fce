package io.foresplit.contract;

/** Identifies a node that hosts a segment. */
public record NodeId(String value) implements Comparable<NodeId> {
  public NodeId {
    Names.require("node id", value);
  }

  @Override
  public int compareTo(NodeId other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
