package io.foresplit.runtime.node;

import io.foresplit.contract.NodeId;
import io.foresplit.runtime.proto.Fence;

/**
 * Which coordinator a node obeys: no life of it before the last one heard of, and no term of a
 * controller below the highest. So what a coordinator sent before it was killed has no effect once
 * the next one has spoken. Thread-safe.
 */
final class CommandFence {
  private final NodeId node;
  private long life;
  private long term;

  CommandFence(NodeId node) {
    this.node = node;
  }

  /** Throws {@link IllegalStateException} when a command comes too late. */
  synchronized void admit(Fence command) {
    if (command.getLife() < life || command.getTerm() < term) {
      throw new IllegalStateException(
          "node "
              + node
              + " obeys life "
              + life
              + " of the coordinator and term "
              + term
              + ", the command was of life "
              + command.getLife()
              + " and term "
              + command.getTerm());
    }
    life = command.getLife();
    term = command.getTerm();
  }
}
