package io.foresplit.runtime.coordinator;

import io.foresplit.contract.JobSpec;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.NodeSpec;
import io.foresplit.contract.Placement;
import io.foresplit.runtime.OwnedLayer;
import io.foresplit.runtime.coordinator.RecoveryPlan.GoOn;
import io.foresplit.runtime.coordinator.RecoveryPlan.Wait;
import io.foresplit.runtime.coordinator.RecoveryPlanner.Survey;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Where training goes on when nodes have died, in a job whose clients keep their layers. Pure.
 *
 * <p>Clients that are there and have a link to the first of the nodes after them train on; the
 * first of them drives. Of the ways, the one with most clients is taken, then the one with the
 * latest recovery point, then the one with most nodes. Layers of a dead node after the clients go
 * to the one before it, or if there is none, to the one after it. A client that has come back goes
 * on with its own layers as they were kept last; when nothing was kept, from the seed [derived].
 *
 * @param maxLoss steps that may be lost by beginning again from the seed
 */
record ClientRecoveryPlanner(JobSpec job, long maxLoss) {

  /** As {@link RecoveryPlanner#plan}. */
  RecoveryPlan plan(Survey survey, Placement now) {
    List<NodeId> alive = survey.alive();
    List<NodeId> clients = job.clients().stream().filter(alive::contains).toList();
    if (clients.isEmpty()) {
      return new Wait(
          "data owner " + String.join(" or ", job.clients().stream().map(NodeId::value).toList()));
    }
    List<Way> ways = ways(clients, alive);
    if (ways.isEmpty()) {
      return new Wait(
          "nodes after the clients, with links to them and to a label holder of "
              + job.labelHolders()
              + ": of the nodes there are "
              + alive);
    }
    Optional<GoOn> best =
        ways.stream()
            .flatMap(way -> goOn(way, survey, now).stream())
            .max(
                Comparator.comparingInt((GoOn plan) -> plan.job().clients().size())
                    .thenComparingLong(GoOn::step)
                    .thenComparingInt(plan -> plan.route().size()));
    return best.isPresent() ? best.get() : missing(ways.get(0), survey, now);
  }

  /**
   * Nodes over which training may go on.
   *
   * @param job as far as they are there
   * @param route its data owner, then the nodes after the clients
   */
  record Way(JobSpec job, List<NodeId> route) {
    List<NodeId> nodes() {
      Set<NodeId> nodes = new LinkedHashSet<>(route);
      nodes.addAll(job.clients());
      return List.copyOf(nodes);
    }

    /** Where a node is on the way; all clients are at its beginning. */
    int position(NodeId node) {
      return job.tier(node) == 0 ? 0 : route.indexOf(node);
    }
  }

  private List<Way> ways(List<NodeId> clients, List<NodeId> alive) {
    List<Way> ways = new ArrayList<>();
    Set<List<NodeId>> seen = new HashSet<>();
    for (NodeId client : clients) {
      for (List<NodeId> route : WayLeft.routes(job, client, alive)) {
        List<NodeId> servers = route.subList(1, route.size());
        if (!servers.isEmpty() && seen.add(servers)) {
          Set<NodeId> present = new LinkedHashSet<>(servers);
          clients.stream().filter(peer -> linked(peer, servers.get(0))).forEach(present::add);
          way(present, route).ifPresent(ways::add);
        }
      }
    }
    return ways;
  }

  private Optional<Way> way(Set<NodeId> present, List<NodeId> route) {
    try {
      return Optional.of(new Way(job.among(present), route));
    } catch (IllegalArgumentException e) {
      return Optional.empty(); // no label holder is among them
    }
  }

  private boolean linked(NodeId client, NodeId server) {
    return job.link(client, server).isPresent() && job.link(server, client).isPresent();
  }

  private RecoveryPlan missing(Way way, Survey survey, Placement now) {
    Placement placement = placement(way, now);
    List<String> violations = placement.violations(way.job());
    return new Wait(
        violations.isEmpty()
            ? "a replica of layers "
                + survey.inventory().missing(way.nodes(), wanted(way.job(), placement, survey))
                + " as of one step with the others: nodes "
                + way.nodes()
                + " have none"
            : "a node that may hold layers: " + String.join("; ", violations));
  }

  private Optional<GoOn> goOn(Way way, Survey survey, Placement now) {
    Placement placement = placement(way, now);
    if (!placement.violations(way.job()).isEmpty()) {
      return Optional.empty();
    }
    OptionalLong latest =
        survey
            .inventory()
            .latest(
                way.nodes(),
                wanted(way.job(), placement, survey),
                survey.knowsDone() ? survey.done() : Long.MAX_VALUE);
    if (latest.isEmpty() && !mayBeginAnew(survey)) {
      return Optional.empty();
    }
    ClientProvisions provisions = new ClientProvisions(way, survey, placement, latest.orElse(0));
    return Optional.of(
        new GoOn(
            way.job(),
            way.route(),
            placement,
            latest.orElse(0),
            provisions.all(),
            provisions.anew()));
  }

  /** From the seed: when little is lost by it, or there is nobody left who may have anything. */
  private boolean mayBeginAnew(Survey survey) {
    return survey.knowsDone()
        ? survey.done() <= maxLoss
        : survey.inventory().isEmpty()
            && survey.alive().containsAll(job.participants().stream().map(NodeSpec::id).toList());
  }

  /** The placement in force, with layers of nodes that are gone on others. */
  private Placement placement(Way way, Placement now) {
    List<NodeId> servers = way.route().subList(1, way.route().size());
    return new Placement(
        now.nodeOfLayer().stream()
            .map(
                node -> {
                  if (job.tier(node) == 0) {
                    return way.job().dataOwner();
                  }
                  return servers.stream()
                      .filter(left -> job.tier(left) <= job.tier(node))
                      .reduce((before, nearer) -> nearer)
                      .orElse(servers.get(0));
                })
            .toList());
  }

  /**
   * What must be there as of the recovery point: not the layers of clients that come back to
   * others, and where none goes on, of those clients alone of which anything was kept.
   */
  private List<OwnedLayer> wanted(JobSpec left, Placement placement, Survey survey) {
    boolean anybody = !survey.empty().containsAll(left.clients());
    List<OwnedLayer> wanted = new ArrayList<>();
    for (int layer = 0; layer < placement.nodeOfLayer().size(); layer++) {
      if (!left.scheme().ownLayers() || left.tier(placement.nodeOfLayer().get(layer)) > 0) {
        wanted.add(OwnedLayer.shared(layer));
        continue;
      }
      for (NodeId client : left.clients()) {
        OwnedLayer own = OwnedLayer.of(left, client, layer);
        boolean only = job.clients().size() == 1;
        if (anybody ? !survey.empty().contains(client) : only || survey.inventory().has(own)) {
          wanted.add(own);
        }
      }
    }
    return wanted;
  }
}
