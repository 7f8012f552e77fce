package io.foresplit.runtime.coordinator;

import io.foresplit.contract.JobSpec;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.NodeSpec;
import io.foresplit.contract.Placement;
import io.foresplit.contract.PlacementPlanner;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * A way down the chain when nodes are dead, and the best placement on it under declared conditions.
 * Where no link goes around a dead node, the nodes beyond it are on no way.
 *
 * @param route nodes in use, data owner first
 * @param stepSeconds that a step is predicted to take
 */
public record WayLeft(List<NodeId> route, Placement placement, double stepSeconds) {
  public WayLeft {
    route = List.copyOf(route);
  }

  /** Ways down the chain from a client over these nodes that cannot be made longer. */
  public static List<List<NodeId>> routes(JobSpec job, NodeId client, Collection<NodeId> alive) {
    List<List<NodeId>> found = new ArrayList<>();
    extend(job, List.of(client), alive, found);
    return found;
  }

  private static void extend(
      JobSpec job, List<NodeId> way, Collection<NodeId> alive, List<List<NodeId>> found) {
    NodeId last = way.get(way.size() - 1);
    boolean longer = false;
    for (NodeSpec next : job.nodes()) {
      NodeId id = next.id();
      if (job.tier(id) > job.tier(last)
          && alive.contains(id)
          && job.link(last, id).isPresent()
          && job.link(id, last).isPresent()) {
        List<NodeId> extended = new ArrayList<>(way);
        extended.add(id);
        extend(job, extended, alive, found);
        longer = true;
      }
    }
    if (!longer) {
      found.add(way);
    }
  }

  /** The longest way that has all nodes with layers. */
  public static Optional<List<NodeId>> longest(
      JobSpec job, Collection<NodeId> alive, Placement placement) {
    return routes(job, job.dataOwner(), alive).stream()
        .filter(way -> way.containsAll(placement.nodeOfLayer()))
        .max(Comparator.comparingInt(List::size));
  }

  /** The best placement on a way; empty when the rules of the job allow none. */
  static Optional<WayLeft> over(JobSpec job, List<NodeId> route, PlacementPlanner planner) {
    try {
      JobSpec left = job.among(route);
      Placement placement = planner.best(left, left.declaredConditions());
      double seconds = planner.predict(left, placement, left.declaredConditions());
      return Optional.of(new WayLeft(route, placement, seconds));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** The way with the shortest step; empty when the rules of the job allow none. */
  public static Optional<WayLeft> shortest(
      JobSpec job, Collection<NodeId> alive, PlacementPlanner planner) {
    return routes(job, job.dataOwner(), alive).stream()
        .flatMap(route -> over(job, route, planner).stream())
        .min(Comparator.comparingDouble(WayLeft::stepSeconds));
  }
}
