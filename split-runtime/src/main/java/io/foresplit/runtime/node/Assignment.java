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
 * What one node has to do at an epoch. Where a neighbour is the data owner, it is the client of the
 * pass.
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
    NodeId role = job.tier(node) == 0 ? job.dataOwner() : node;
    int tail = job.scheme().tailLayers();
    List<NodeId> body = body(placement, tail);
    List<NodeId> stages = stages(job, body);
    int at = stages.indexOf(role);
    Optional<NodeId> downstream = Optional.empty();
    if (at >= 0 && at + 1 < stages.size()) {
      downstream = Optional.of(stages.get(at + 1));
    } else if (at >= 0 && tail > 0) {
      downstream = Optional.of(job.dataOwner());
    }
    return new Assignment(
        epoch,
        placement,
        body.indexOf(role),
        body.lastIndexOf(role),
        at > 0 ? Optional.of(stages.get(at - 1)) : Optional.empty(),
        downstream);
  }

  /** What a client has to do with the layers after the servers; empty when there are none. */
  static Optional<Assignment> tail(JobSpec job, NodeId node, long epoch, Placement placement) {
    int tail = job.scheme().tailLayers();
    if (tail == 0 || job.tier(node) != 0) {
      return Optional.empty();
    }
    List<NodeId> stages = stages(job, body(placement, tail));
    int layers = placement.nodeOfLayer().size();
    return Optional.of(
        new Assignment(
            epoch,
            placement,
            layers - tail,
            layers - 1,
            Optional.of(stages.get(stages.size() - 1)),
            Optional.empty()));
  }

  private static List<NodeId> body(Placement placement, int tail) {
    return placement.nodeOfLayer().subList(0, placement.nodeOfLayer().size() - tail);
  }

  private static List<NodeId> stages(JobSpec job, List<NodeId> body) {
    // the data owner is in every step, with or without layers
    Set<NodeId> distinct = new LinkedHashSet<>();
    distinct.add(job.dataOwner());
    distinct.addAll(body);
    return new ArrayList<>(distinct);
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
