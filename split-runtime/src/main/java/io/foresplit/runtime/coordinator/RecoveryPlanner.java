package io.foresplit.runtime.coordinator;

import io.foresplit.contract.JobSpec;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.Placement;
import io.foresplit.contract.PlacementPlanner;
import io.foresplit.runtime.OwnedLayer;
import io.foresplit.runtime.coordinator.RecoveryPlan.GoOn;
import io.foresplit.runtime.coordinator.RecoveryPlan.Provision;
import io.foresplit.runtime.coordinator.RecoveryPlan.Wait;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Where training goes on when nodes have died. Pure.
 *
 * <p>What is left of the chain is each way down it over declared links from the data owner; where
 * no link goes around a dead node, the nodes beyond it are out of reach. Of the ways, the one with
 * the latest recovery point is taken, then the one with the shortest predicted step under declared
 * conditions [derived].
 *
 * @param maxLoss steps that may be lost by beginning again from the seed
 */
record RecoveryPlanner(JobSpec job, PlacementPlanner planner, long maxLoss) {

  /**
   * What there is.
   *
   * @param alive nodes that can take part
   * @param empty those of them that have come to a training under way, without layers
   * @param inventory what they keep
   * @param done steps that have been done
   */
  record Survey(List<NodeId> alive, Set<NodeId> empty, ReplicaInventory inventory, long done) {
    Survey {
      alive = List.copyOf(alive);
      empty = Set.copyOf(empty);
    }

    /** Not when all processes are new: none can tell, and the coordinator has not been told. */
    boolean knowsDone() {
      return done > 0 || !empty.containsAll(alive);
    }
  }

  /**
   * Plans.
   *
   * @param now the placement in force
   */
  RecoveryPlan plan(Survey survey, Placement now) {
    if (job.scheme().pinsClients()) {
      return new ClientRecoveryPlanner(job, maxLoss).plan(survey, now);
    }
    List<NodeId> alive = survey.alive();
    ReplicaInventory inventory = survey.inventory();
    long done = survey.done();
    if (!alive.contains(job.dataOwner())) {
      return new Wait("data owner " + job.dataOwner());
    }
    List<List<NodeId>> routes =
        routes(alive).stream()
            .filter(route -> job.labelHolders().stream().anyMatch(route::contains))
            .toList();
    if (routes.isEmpty()) {
      return new Wait(
          "a node that holds labels, "
              + job.labelHolders()
              + ", and a way to it: in reach are "
              + routes(alive));
    }
    Optional<Candidate> best =
        routes.stream()
            .flatMap(route -> goOn(route, inventory, done).stream())
            .min(
                Comparator.comparingLong((Candidate found) -> -found.plan().step())
                    .thenComparingDouble(Candidate::seconds));
    return best.isPresent()
        ? best.get().plan()
        : new Wait(
            "a replica of layers "
                + inventory.missing(routes.get(0), layers())
                + " as of one step with the others: nodes "
                + routes
                + " have none");
  }

  /**
   * A way to go on.
   *
   * @param seconds a step is predicted to take
   */
  private record Candidate(GoOn plan, double seconds) {}

  private List<OwnedLayer> layers() {
    return IntStream.range(0, job.layers().size()).mapToObj(OwnedLayer::shared).toList();
  }

  /** Ways down the chain over these nodes that cannot be made longer. */
  List<List<NodeId>> routes(List<NodeId> alive) {
    return WayLeft.routes(job, job.dataOwner(), alive);
  }

  private Optional<Candidate> goOn(List<NodeId> route, ReplicaInventory inventory, long done) {
    OptionalLong latest = inventory.latest(route, layers());
    if (latest.isEmpty() && done > maxLoss) {
      return Optional.empty();
    }
    long step = latest.orElse(0);
    return WayLeft.over(job, route, planner)
        .map(
            way ->
                new Candidate(
                    new GoOn(
                        job,
                        route,
                        way.placement(),
                        step,
                        provisions(route, way.placement(), step, inventory),
                        Set.of()),
                    way.stepSeconds()));
  }

  /** Each layer from the nearest node that has it; from the seed every node builds its own. */
  private static List<Provision> provisions(
      List<NodeId> route, Placement placement, long step, ReplicaInventory inventory) {
    Map<List<NodeId>, List<Integer>> travels = new TreeMap<>(Comparator.comparing(List::toString));
    for (int layer = 0; step > 0 && layer < placement.nodeOfLayer().size(); layer++) {
      NodeId target = placement.nodeOfLayer().get(layer);
      int at = route.indexOf(target);
      Optional<NodeId> source =
          inventory.holders(step, OwnedLayer.shared(layer)).stream()
              .filter(route::contains)
              .min(Comparator.comparingInt(node -> Math.abs(route.indexOf(node) - at)));
      if (source.isPresent() && !source.get().equals(target)) {
        travels.computeIfAbsent(List.of(source.get(), target), k -> new ArrayList<>()).add(layer);
      }
    }
    List<Provision> provisions = new ArrayList<>();
    travels.forEach(
        (ends, layers) ->
            provisions.add(new Provision(ends.get(0), ends.get(1), "", step, layers)));
    return provisions;
  }
}
