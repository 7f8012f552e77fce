package io.foresplit.runtime.coordinator;

import io.foresplit.contract.ActionId;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.Placement;
import io.foresplit.runtime.proto.CopyProgress;
import io.foresplit.runtime.proto.LayerDigest;
import io.foresplit.runtime.proto.TransferResponse;
import java.io.IOException;
import java.time.Duration;
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

  /** Has the target of pre-copies veto the placement, or take what comes for them. */
  void expect(
      NodeId node, ActionId action, long epoch, Placement target, List<LayerMove.Shift> shifts)
      throws IOException;

  /**
   * Has the source begin a pre-copy.
   *
   * @return the first step that is not in the snapshot
   */
  long copy(ActionId action, long epoch, LayerMove.Shift shift) throws IOException;

  /** How far a pre-copy is at its source or its target. */
  CopyProgress observe(NodeId node, ActionId action, long epoch, LayerMove.Shift shift)
      throws IOException;

  /**
   * What the layers of a pre-copy are on one node, training being held.
   *
   * @param limit how long the last steps may take to be replayed
   */
  TransferResponse digest(
      NodeId node,
      ActionId action,
      long epoch,
      LayerMove.Shift shift,
      long nextStep,
      Duration limit)
      throws IOException;

  /** Ends a pre-copy at its source or its target. */
  void cancel(NodeId node, ActionId action, long epoch, LayerMove.Shift shift) throws IOException;

  /** Streams layers to their new node; says what was sent. */
  List<LayerDigest> transfer(ActionId action, long epoch, LayerMove.Shift shift) throws IOException;

  /**
   * Has a node check that all these layers have come, that it accepts the placement and that it is
   * at the step boundary.
   */
  void verify(
      NodeId node,
      ActionId action,
      long epoch,
      Placement target,
      List<LayerDigest> layers,
      long nextStep)
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
   * @param action that has held them
   * @return how long no step could start, milliseconds
   */
  long resume(ActionId action, long epoch) throws IOException;
}
