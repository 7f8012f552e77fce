package io.foresplit.runtime.coordinator;

import io.foresplit.contract.ActionId;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.Placement;
import io.foresplit.runtime.proto.LayerDigest;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * What the coordinator has nodes do. A failure is an {@link IOException} that names the node;
 * activation, abort and resumption may be repeated.
 */
interface Segments {
  /**
   * Lets the step in flight finish and no other start.
   *
   * @return the first step that has not been done
   */
  long hold(ActionId action) throws IOException;

  /** Streams layers to their new node; says what was sent. */
  List<LayerDigest> transfer(ActionId action, long epoch, LayerMove.Shift shift) throws IOException;

  /** Has a node check that all these layers have come, and that it accepts the placement. */
  void verify(NodeId node, ActionId action, long epoch, Placement target, List<LayerDigest> layers)
      throws IOException;

  /**
   * Puts a placement in force on a node.
   *
   * @param action whose staged layers to take; empty when it moved none
   */
  void activate(
      NodeId node, Optional<ActionId> action, long epoch, Placement placement, long nextStep)
      throws IOException;

  /** Has a node forget what was staged. */
  void abort(NodeId node, ActionId action) throws IOException;

  /**
   * Lets steps go on.
   *
   * @return how long no step could start, milliseconds
   */
  long resume(long epoch) throws IOException;
}
