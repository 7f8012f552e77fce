package io.foresplit.runtime.node;

import io.foresplit.contract.JobSpec;
import io.foresplit.contract.LinkSpec;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.ReplicationSpec;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Which node is to keep the replicas of a layer. Pure.
 *
 * <p>It is the nearest one, up the chain first, that may hold the layer and with which, whichever
 * single node dies, a copy stays within reach of the data owner: where no link goes around a node,
 * its death cuts off all nodes beyond it, so that replicas of those belong before it [derived].
 * When no node is so, the nearest that may hold the layer.
 *
 * @param job as far as its nodes take part
 * @param route nodes in use, data owner first
 */
public record ReplicaRoute(JobSpec job, ReplicationSpec spec, List<NodeId> route) {
  public ReplicaRoute {
    route = List.copyOf(route);
  }

  /** Where the replicas of a layer go that a node trains; empty when no other node may hold it. */
  public Optional<NodeId> keeper(NodeId trainer, int layer) {
    int own = position(trainer);
    if (!spec.neighbour() || own < 0) {
      return Optional.empty();
    }
    List<NodeId> allowed =
        nodes().stream()
            .filter(node -> !node.equals(trainer) && spec.mayHold(job, layer, trainer, node))
            .sorted(Comparator.comparingInt(node -> distance(own, position(node))))
            .toList();
    return allowed.stream()
        .filter(keeper -> staysInReach(trainer, keeper))
        .findFirst()
        .or(() -> allowed.stream().findFirst());
  }

  /** Up the chain first; clients keep each other's layers only where nobody else may. */
  private static int distance(int own, int position) {
    return own == position
        ? Integer.MAX_VALUE
        : 2 * Math.abs(position - own) + (position > own ? 1 : 0);
  }

  /** All clients are at the beginning of the chain. */
  private int position(NodeId node) {
    return job.clients().contains(node) ? 0 : route.indexOf(node);
  }

  private Set<NodeId> nodes() {
    Set<NodeId> nodes = new LinkedHashSet<>(route);
    nodes.addAll(job.clients());
    return nodes;
  }

  /** Of the slowest link on the way from a node to another, as declared; 0 when there is no way. */
  double bytesPerSecond(NodeId from, NodeId to) {
    List<NodeId> way = new ArrayList<>(List.of(from));
    int end = position(to);
    int at = position(from);
    if (at == end && route.size() > 1) {
      way.add(route.get(1)); // from client to client
    }
    int direction = Integer.signum(end - at);
    for (int hop = at + direction; hop != end && direction != 0; hop += direction) {
      way.add(route.get(hop));
    }
    way.add(to);
    double least = Double.POSITIVE_INFINITY;
    for (int hop = 0; hop + 1 < way.size(); hop++) {
      Optional<LinkSpec> link = job.link(way.get(hop), way.get(hop + 1));
      least = Math.min(least, link.map(LinkSpec::bytesPerSecond).orElse(0.0));
    }
    return least;
  }

  private boolean staysInReach(NodeId trainer, NodeId keeper) {
    NodeId owner = route.get(0);
    for (NodeId dead : route) {
      if (!dead.equals(owner)) {
        Set<NodeId> reached = reached(owner, dead);
        if (!reached.contains(trainer) && !reached.contains(keeper)) {
          return false;
        }
      }
    }
    return true;
  }

  private Set<NodeId> reached(NodeId from, NodeId dead) {
    Set<NodeId> reached = new HashSet<>(Set.of(from));
    Deque<NodeId> open = new ArrayDeque<>(reached);
    while (!open.isEmpty()) {
      NodeId at = open.remove();
      for (NodeId next : nodes()) {
        if (!next.equals(dead)
            && job.link(at, next).isPresent()
            && job.link(next, at).isPresent()
            && reached.add(next)) {
          open.add(next);
        }
      }
    }
    return reached;
  }
}
