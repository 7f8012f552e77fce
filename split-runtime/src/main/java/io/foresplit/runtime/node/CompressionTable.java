package io.foresplit.runtime.node;

import io.foresplit.contract.NodeId;
import io.foresplit.runtime.link.LinkCompressions;

/** The table of link compressions in force on a node. Not thread-safe. */
final class CompressionTable {
  private final NodeId node;
  private LinkCompressions inForce = LinkCompressions.none();

  CompressionTable(NodeId node) {
    this.node = node;
  }

  LinkCompressions inForce() {
    return inForce;
  }

  /** Whatever was before, from now on this. */
  void set(LinkCompressions table) {
    inForce = table;
  }

  /**
   * Whether a table is another than the one in force.
   *
   * @throws IllegalStateException when it is of an older revision, or another one of the same
   */
  boolean changes(LinkCompressions next) {
    if (next.equals(inForce)) {
      return false;
    }
    if (next.revision() < inForce.revision()) {
      throw new IllegalStateException(
          "node "
              + node
              + " has revision "
              + inForce.revision()
              + " of link compressions, the command was of "
              + next.revision());
    }
    if (next.revision() == inForce.revision()) {
      throw new IllegalStateException(
          "node "
              + node
              + " has other link compressions of revision "
              + next.revision()
              + ", the command was of "
              + next.describe());
    }
    return true;
  }
}
