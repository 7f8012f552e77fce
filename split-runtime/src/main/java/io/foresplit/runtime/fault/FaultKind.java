package io.foresplit.runtime.fault;

import java.util.Arrays;
import java.util.stream.Collectors;

/** The faults that can be injected. */
public enum FaultKind {
  /** The rate of a link towards the cloud falls. Component: link. Size: factor, above 1. */
  UPLINK_FADE("uplink-fade"),
  /** A node computes more slowly. Component: node. Size: factor, above 1. */
  NODE_SLOWDOWN("node-slowdown"),
  /**
   * Other threads of a node compete with its compute, really. Component: node. Size: factor, above
   * 1, by which a thread that always computes is slowed.
   */
  CONTENTION("contention"),
  /** Labels become wrong. Component: the data owner. Size: share of the samples, 0 to 1. */
  LABEL_DRIFT("label-drift"),
  /** Nothing happens. Component: the job. Size: 0. */
  NONE("none");

  private final String label;

  FaultKind(String label) {
    this.label = label;
  }

  /** Name for people, files and command lines. */
  public String label() {
    return label;
  }

  /** The kind with a label. */
  public static FaultKind ofLabel(String label) {
    for (FaultKind kind : values()) {
      if (kind.label.equals(label)) {
        return kind;
      }
    }
    throw new IllegalArgumentException(
        "fault kind must be one of "
            + Arrays.stream(values()).map(FaultKind::label).collect(Collectors.joining(", "))
            + ", was '"
            + label
            + "'");
  }
}
