package io.foresplit.runtime.coordinator;

import io.foresplit.contract.NodeId;
import io.foresplit.contract.SplitTopology;
import io.foresplit.runtime.coordinator.RecoveryPlan.GoOn;
import io.foresplit.runtime.coordinator.RecoveryPlan.Provision;
import io.foresplit.runtime.link.LinkCompressions;
import io.foresplit.runtime.proto.HeldStep;
import io.foresplit.runtime.proto.LayerDigest;
import io.foresplit.runtime.proto.StepRecord;
import java.io.IOException;
import java.time.Instant;
import java.util.List;

/**
 * What the coordinator has nodes do in a recovery. A failure is an {@link IOException} that names
 * the node. Each call may be repeated; one of an earlier recovery than the node's last is refused.
 */
interface Survivors {
  /**
   * What a node has when it has stopped.
   *
   * @param epoch that is in force there
   * @param nextStep first step not done there
   * @param empty it has come to a training under way and holds no layers
   * @param log steps the coordinator does not know of; of the data owner
   */
  record Halted(
      long epoch, long nextStep, boolean empty, List<HeldStep> held, List<StepRecord> log) {
    public Halted {
      held = List.copyOf(held);
      log = List.copyOf(log);
    }
  }

  /** Lets a new process life of a node into a training under way, without layers. */
  void welcome(NodeId node, SplitTopology topology, LinkCompressions compression, Instant started)
      throws IOException;

  /**
   * Stops a node at once.
   *
   * @param logSince the first step that the coordinator does not know of
   */
  Halted halt(NodeId node, long recovery, long logSince) throws IOException;

  /** Tells a node the way of messages and the addresses of nodes. */
  void regroup(NodeId node, long revision, List<NodeId> route) throws IOException;

  /** Has kept states sent; says what was sent. */
  List<LayerDigest> provide(long recovery, Provision provision, GoOn plan) throws IOException;

  /** Has a node check that it accepts the placement and has all it needs. */
  void check(NodeId node, long recovery, long epoch, GoOn plan, List<LayerDigest> arrived)
      throws IOException;

  /** Puts a committed plan, and the table of links, in force as of the recovery point. */
  void restore(NodeId node, long recovery, long epoch, GoOn plan, LinkCompressions compression)
      throws IOException;

  /**
   * Lets steps go on.
   *
   * @return how long no step could start, milliseconds
   */
  long resume(long recovery, long epoch) throws IOException;
}
