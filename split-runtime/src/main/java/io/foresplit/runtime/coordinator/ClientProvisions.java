package io.foresplit.runtime.coordinator;

import io.foresplit.contract.JobSpec;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.Placement;
import io.foresplit.runtime.OwnedLayer;
import io.foresplit.runtime.coordinator.ClientRecoveryPlanner.Way;
import io.foresplit.runtime.coordinator.RecoveryPlan.Provision;
import io.foresplit.runtime.coordinator.RecoveryPlanner.Survey;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** Which states have to travel so that a job of several clients goes on from a step. */
final class ClientProvisions {
  private final Way way;
  private final JobSpec job;
  private final Survey survey;
  private final Placement placement;
  private final long step;
  private final List<Provision> provisions = new ArrayList<>();
  private final Set<NodeId> anew = new HashSet<>();

  /**
   * Finds them.
   *
   * @param step from which training goes on; 0 when all build their layers from the seed
   */
  ClientProvisions(Way way, Survey survey, Placement placement, long step) {
    this.way = way;
    job = way.job();
    this.survey = survey;
    this.placement = placement;
    this.step = step;
    if (step == 0) {
      return;
    }
    for (int layer : layers(false)) {
      provide("", placement.nodeOfLayer().get(layer), step, List.of(layer));
    }
    if (job.scheme().ownLayers()) {
      job.clients().forEach(this::client);
    } else {
      // clients that take turns have one state, which the next of them needs
      provide("", job.clients().get(job.scheme().turn(step)), step, layers(true));
    }
  }

  List<Provision> all() {
    return provisions;
  }

  /** Clients of whose layers nothing is left. */
  Set<NodeId> anew() {
    return anew;
  }

  private void client(NodeId client) {
    String own = client.value();
    if (!survey.empty().contains(client)) {
      provide(own, client, step, layers(true));
      return;
    }
    List<OwnedLayer> wanted =
        layers(true).stream().map(layer -> new OwnedLayer(own, layer)).toList();
    OptionalLong kept = survey.inventory().latest(way.nodes(), wanted, step);
    if (kept.isPresent()) {
      provide(own, client, kept.getAsLong(), layers(true));
    } else {
      anew.add(client);
    }
  }

  private List<Integer> layers(boolean ofClients) {
    return IntStream.range(0, placement.nodeOfLayer().size())
        .filter(layer -> (job.tier(placement.nodeOfLayer().get(layer)) == 0) == ofClients)
        .boxed()
        .toList();
  }

  /** Each layer from the nearest node that has it, unless it is where it is needed. */
  private void provide(String owner, NodeId target, long asOf, List<Integer> layers) {
    Map<NodeId, List<Integer>> sources = new TreeMap<>();
    for (int layer : layers) {
      Set<NodeId> holders = survey.inventory().holders(asOf, new OwnedLayer(owner, layer));
      boolean there = asOf == step && holders.contains(target);
      Optional<NodeId> source =
          holders.stream()
              .filter(way.nodes()::contains)
              .min(
                  Comparator.comparingInt(
                      node -> Math.abs(way.position(node) - way.position(target))));
      if (!there && source.isPresent()) {
        sources.computeIfAbsent(source.get(), s -> new ArrayList<>()).add(layer);
      }
    }
    sources.forEach(
        (source, some) -> provisions.add(new Provision(source, target, owner, asOf, some)));
  }
}
