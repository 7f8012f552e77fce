package io.foresplit.contract;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How the state of layers is kept outside the node that trains them, so that training outlives a
 * node. Raw data and labels are never replicated.
 *
 * @param everySteps most steps that are to be lost with a node; replicas are taken twice as often,
 *     so that this holds while one is on its way
 * @param neighbour whether replicas go into the memory of another node of the chain
 * @param folder where each node writes what it trains, on its own file system; may be shared
 * @param ownerLayersOn nodes that may hold replicas of the layers that stay with the data owner
 * @param ownerLayersInFolder whether the data owner may write these layers to the folder
 * @param rebalance whether layers are moved to the best placement under declared conditions when a
 *     node has come back while training goes on; else it gets none before somebody moves some
 */
public record ReplicationSpec(
    int everySteps,
    boolean neighbour,
    Optional<String> folder,
    List<NodeId> ownerLayersOn,
    boolean ownerLayersInFolder,
    boolean rebalance) {
  /** Used where a job file does not say. */
  public static final int DEFAULT_EVERY_STEPS = 20;

  public ReplicationSpec {
    ownerLayersOn = List.copyOf(ownerLayersOn);
    if (everySteps < 1) {
      throw new IllegalArgumentException("everySteps must be at least 1, was " + everySteps);
    }
    if (!neighbour && folder.isEmpty()) {
      throw new IllegalArgumentException("replicas need a neighbour, a folder or both");
    }
    if (ownerLayersInFolder && folder.isEmpty()) {
      throw new IllegalArgumentException(
          "layers of the data owner are to go to a folder, but there is none");
    }
    if (!ownerLayersOn.isEmpty() && !neighbour) {
      throw new IllegalArgumentException(
          "layers of the data owner are to go to "
              + ownerLayersOn
              + ", but replicas go to no neighbour");
    }
  }

  /** Without rebalancing. */
  public ReplicationSpec(
      int everySteps,
      boolean neighbour,
      Optional<String> folder,
      List<NodeId> ownerLayersOn,
      boolean ownerLayersInFolder) {
    this(everySteps, neighbour, folder, ownerLayersOn, ownerLayersInFolder, false);
  }

  /** The same, with layers moved back to nodes that have come back. */
  public ReplicationSpec rebalancing() {
    return new ReplicationSpec(
        everySteps, neighbour, folder, ownerLayersOn, ownerLayersInFolder, true);
  }

  /** Replicas in the memory of neighbours alone; layers of the data owner stay with it. */
  public static ReplicationSpec toNeighbours(int everySteps) {
    return new ReplicationSpec(everySteps, true, Optional.empty(), List.of(), false);
  }

  /** Steps between two replicas. */
  public int snapshotSteps() {
    return Math.max(1, everySteps / 2);
  }

  /**
   * Whether a node's memory may hold a layer, in training or as a replica.
   *
   * @param trainer who trains it; clients that take turns train the same layers
   */
  public boolean mayHold(JobSpec job, int layer, NodeId trainer, NodeId node) {
    return !staysWithOwner(job, layer)
        || node.equals(trainer)
        || ownerLayersOn.contains(node)
        || (job.scheme().mode() == TrainingScheme.Mode.SEQUENTIAL && job.clients().contains(node));
  }

  private static boolean staysWithOwner(JobSpec job, int layer) {
    return layer < job.minOwnerLayers() || layer >= job.layers().size() - job.scheme().tailLayers();
  }

  /** Whether a layer may be written to the folder. */
  public boolean mayFile(JobSpec job, int layer) {
    return folder.isPresent() && (!staysWithOwner(job, layer) || ownerLayersInFolder);
  }

  /** What of this does not fit a job, in plain words; empty when all does. */
  public List<String> violations(JobSpec job) {
    List<String> problems = new ArrayList<>();
    for (NodeId node : ownerLayersOn) {
      if (job.node(node).isEmpty()) {
        problems.add("layers of the data owner are to go to unknown node " + node);
      }
    }
    return problems;
  }
}
