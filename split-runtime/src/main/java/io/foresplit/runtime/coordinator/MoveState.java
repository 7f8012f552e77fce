package io.foresplit.runtime.coordinator;

import java.util.EnumSet;
import java.util.Set;

/**
 * The states of a move. {@link #COMMITTED} is reached by one durable write: before it every failure
 * leads back to the old placement, after it every failure is repeated until it is none.
 */
enum MoveState {
  /** Checked against term, epoch and the rules of the job. */
  ACCEPTED,
  /** The step in flight finishes; no other starts. */
  HOLDING,
  /** Sources stream layer state to targets. */
  TRANSFERRING,
  /** Targets check what has come. */
  VERIFYING,
  /** The new epoch is durable. */
  COMMITTED,
  /** Nodes put it in force. */
  ACTIVATING,
  /** Steps go on at the new epoch. */
  RESUMING,
  /** Over; the new placement is in force. */
  DONE,
  /** Staged state is dropped and steps go on at the old epoch. */
  ABORTING,
  /** Over; the old placement is in force. */
  ABORTED;

  /** Where it can go from here; the whole table. */
  Set<MoveState> next() {
    return switch (this) {
      case ACCEPTED -> EnumSet.of(HOLDING);
      case HOLDING -> EnumSet.of(TRANSFERRING, ABORTING);
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
}
