package io.foresplit.runtime.node;

import io.foresplit.contract.JobSpec;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.Placement;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * What one node has to do at an epoch.
 *
 * @param firstLayer first layer it holds, or -1
 * @param lastLayer last layer it holds, or -1
 * @param upstream where its activations come from and its gradients go; empty for the data owner
 * @param downstream the next node with layers; empty for the last one
 */
record Assignment(
    long epoch,
    Placement placement,
    int firstLayer,
    int lastLayer,
    Optional<NodeId> upstream,
    Optional<NodeId> downstream) {
  static Assignment of(JobSpec job, NodeId node, long epoch, Placement placement) {
    // the data owner is in every step, with or without layers
    Set<NodeId> distinct = new LinkedHashSet<>();
    distinct.add(job.dataOwner());
    distinct.addAll(placement.nodeOfLayer());
    List<NodeId> stages = new ArrayList<>(distinct);
    int at = stages.indexOf(node);
    return new Assignment(
        epoch,
        placement,
        placement.firstLayer(node),
        placement.lastLayer(node),
        at > 0 ? Optional.of(stages.get(at - 1)) : Optional.empty(),
        at >= 0 && at + 1 < stages.size() ? Optional.of(stages.get(at + 1)) : Optional.empty());
  }

  /** Of a node that comes to a training under way: nothing to do before the next epoch. */
  static Assignment idle(long epoch, Placement placement) {
    return new Assignment(epoch, placement, -1, -1, Optional.empty(), Optional.empty());
  }

  /** Layers it holds, in order. */
  List<Integer> layers() {
    return holdsLayers()
        ? IntStream.rangeClosed(firstLayer, lastLayer).boxed().toList()
        : List.of();
  }

  /** Whether it takes part in steps, with layers or as the data owner. */
  boolean inSteps() {
    return upstream.isPresent() || downstream.isPresent() || holdsLayers();
  }

  boolean holdsLayers() {
    return firstLayer >= 0;
  }

  boolean holds(int layer) {
    return holdsLayers() && layer >= firstLayer && layer <= lastLayer;
  }
}
