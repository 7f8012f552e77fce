package io.foresplit.runtime.coordinator;

import java.util.EnumSet;
import java.util.Set;

/**
 * The states of a move; drawn in {@code docs/move-states.md}. {@link #COMMITTED} is reached by one
 * durable write: before it every failure leads back to the old placement, after it every failure is
 * repeated until it is none.
 */
enum MoveState {
  /** Checked against term, epoch and the rules of the job. */
  ACCEPTED,
  /** Snapshots of layers are on their way to their targets, and steps go on. */
  COPYING,
  /** Targets replay the steps done since the snapshots, and steps go on. */
  CATCHING_UP,
  /** The step in flight finishes; no other starts. */
  HOLDING,
  /** Targets replay the last steps; what layers are there and on their sources is compared. */
  REPLAYING,
  /** Sources stream the state of layers that were not replayed. */
  TRANSFERRING,
  /** Targets check what they have. */
  VERIFYING,
  /** The new epoch is durable. */
  COMMITTED,
  /** Nodes put it in force. */
  ACTIVATING,
  /** Steps go on at the new epoch. */
  RESUMING,
  /** Over; the new placement is in force. */
  DONE,
  /** What has come is dropped and steps go on at the old epoch. */
  ABORTING,
  /** Over; the old placement is in force. */
  ABORTED;

  /** Where it can go from here; the whole table. */
  Set<MoveState> next() {
    return switch (this) {
      case ACCEPTED -> EnumSet.of(COPYING, HOLDING);
      case COPYING -> EnumSet.of(CATCHING_UP, HOLDING, ABORTING);
      case CATCHING_UP -> EnumSet.of(HOLDING, ABORTING);
      case HOLDING -> EnumSet.of(REPLAYING, TRANSFERRING, ABORTING);
      case REPLAYING -> EnumSet.of(TRANSFERRING, VERIFYING, ABORTING);
      case TRANSFERRING -> EnumSet.of(VERIFYING, ABORTING);
      case VERIFYING -> EnumSet.of(COMMITTED, ABORTING);
      case COMMITTED -> EnumSet.of(ACTIVATING);
      case ACTIVATING -> EnumSet.of(ACTIVATING, RESUMING);
      case RESUMING -> EnumSet.of(RESUMING, DONE);
      case ABORTING -> EnumSet.of(ABORTING, ABORTED);
      case DONE, ABORTED -> EnumSet.noneOf(MoveState.class);
    };
  }

  /** The other state, when the table allows it. */
  MoveState to(MoveState target) {
    if (!next().contains(target)) {
      throw new IllegalStateException(
          "a move cannot go from " + this + " to " + target + ", only to " + next());
    }
    return target;
  }

  /** The table as a Mermaid diagram. */
  static String toMermaid() {
    StringBuilder text = new StringBuilder("stateDiagram-v2\n    [*] --> ACCEPTED\n");
    for (MoveState from : values()) {
      for (MoveState to : from.next()) {
        text.append("    ").append(from).append(" --> ").append(to).append('\n');
      }
      if (from.next().isEmpty()) {
        text.append("    ").append(from).append(" --> [*]\n");
      }
    }
    return text.toString();
  }
}
