package io.foresplit.runtime.coordinator;

import java.util.EnumSet;
import java.util.Set;

/**
 * The states of a recovery; drawn in {@code docs/recovery-states.md}. {@link #COMMITTED} is reached
 * by one durable write. When nodes die or come back on the way, it begins again with those that are
 * there: before the commit nothing has happened, after it what was committed is what is recovered.
 */
enum RecoveryState {
  /** Nodes have died, or come back while training waits. */
  DETECTED,
  /** Survivors stop at once and say what they keep; newcomers are let in, without layers. */
  HALTING,
  /** A way, a placement and the recovery point are chosen. */
  PLANNING,
  /** Nothing can be done before a node comes back; survivors keep what they have. */
  WAITING,
  /** States go from where they are kept to where they are needed. */
  RESTORING,
  /** Nodes check that they have all they need. */
  CHECKING,
  /** The new epoch is durable. */
  COMMITTED,
  /** Nodes go back to the recovery point and put the placement in force. */
  ACTIVATING,
  /** Steps go on. */
  RESUMING,
  /** Over. */
  DONE;

  /** Where it can go from here; the whole table. */
  Set<RecoveryState> next() {
    return switch (this) {
      case DETECTED -> EnumSet.of(HALTING);
      case HALTING -> EnumSet.of(DETECTED, PLANNING);
      case PLANNING -> EnumSet.of(WAITING, RESTORING);
      case WAITING -> EnumSet.of(DETECTED);
      case RESTORING -> EnumSet.of(DETECTED, CHECKING);
      case CHECKING -> EnumSet.of(DETECTED, COMMITTED);
      case COMMITTED -> EnumSet.of(ACTIVATING);
      case ACTIVATING -> EnumSet.of(DETECTED, ACTIVATING, RESUMING);
      case RESUMING -> EnumSet.of(DETECTED, RESUMING, DONE);
      case DONE -> EnumSet.noneOf(RecoveryState.class);
    };
  }

  /** The other state, when the table allows it. */
  RecoveryState to(RecoveryState target) {
    if (!next().contains(target)) {
      throw new IllegalStateException(
          "a recovery cannot go from " + this + " to " + target + ", only to " + next());
    }
    return target;
  }

  /** The table as a Mermaid diagram. */
  static String toMermaid() {
    StringBuilder text = new StringBuilder("stateDiagram-v2\n    [*] --> DETECTED\n");
    for (RecoveryState from : values()) {
      for (RecoveryState to : from.next()) {
        text.append("    ").append(from).append(" --> ").append(to).append('\n');
      }
      if (from.next().isEmpty()) {
        text.append("    ").append(from).append(" --> [*]\n");
      }
    }
    return text.toString();
  }
}
