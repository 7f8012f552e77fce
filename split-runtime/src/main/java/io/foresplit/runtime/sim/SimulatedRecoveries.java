package io.foresplit.runtime.sim;

import io.foresplit.contract.JobSpec;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.NodeSpec;
import io.foresplit.contract.Placement;
import io.foresplit.contract.ReplicationSpec;
import io.foresplit.runtime.TrainingProgress.Recovery;
import io.foresplit.runtime.coordinator.LayerMove.Shift;
import io.foresplit.runtime.coordinator.WayLeft;
import io.foresplit.runtime.node.ReplicaRoute;
import io.foresplit.runtime.plan.CutPlanner;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Finds nodes dead, and has training go on without them as the real coordinator does: all stop, the
 * best placement over a way that is left is planned, lost layers come from the nodes that keep
 * them, and steps are done again from the recovery point. A node that comes back meanwhile begins
 * the recovery anew; later on it gets no layers before a move. The data owner is waited for. Not
 * thread-safe.
 */
final class SimulatedRecoveries {
  private static final int HISTORY = 100;

  private final Simulation simulation;
  private final JobSpec job;
  private final Restoring restoring;
  private final SimulatedActions actions;
  private final SimulatedTraining training;
  private final SimulatedNetwork network;
  private final Map<NodeId, SimulatedNode> nodes;
  private final Agenda agenda;
  private final CutPlanner planner = new CutPlanner();
  private final Set<NodeId> dead = new TreeSet<>();

  /** Nodes whose layers and replicas are gone: dead, or back since the last recovery began. */
  private final Set<NodeId> empty = new TreeSet<>();

  /** Nodes by way of which messages went when training went on last. */
  private List<NodeId> route;

  private final Deque<Recovery> history = new ArrayDeque<>();
  private String status = "";
  private boolean active;
  private long attempt;
  private double silentSeconds;
  private double wantedSince;

  SimulatedRecoveries(
      Simulation simulation,
      Restoring restoring,
      SimulatedActions actions,
      SimulatedTraining training,
      SimulatedNetwork network,
      Map<NodeId, SimulatedNode> nodes,
      Agenda agenda) {
    this.simulation = simulation;
    job = simulation.job();
    this.restoring = restoring;
    this.actions = actions;
    this.training = training;
    this.network = network;
    this.nodes = nodes;
    this.agenda = agenda;
    route = network.route();
  }

  /** Watches the nodes from now on. */
  void start() {
    for (SimulatedNode node : nodes.values()) {
      if (!node.id().equals(job.dataOwner())) {
        node.world().leaves().stream()
            .filter(t -> t >= agenda.now())
            .forEach(t -> agenda.at(t, () -> watch(node)));
      }
    }
  }

  /** Nodes that are not known to be dead. */
  List<SimulatedNode> alive() {
    return nodes.values().stream().filter(node -> !dead.contains(node.id())).toList();
  }

  /** Why layers cannot move now; empty when they can. */
  Optional<String> refused(Placement target) {
    if (active) {
      return Optional.of("training recovers from the death of a node: " + status);
    }
    return target.nodeOfLayer().stream()
        .filter(node -> !route.contains(node))
        .findFirst()
        .map(node -> "node " + node + (dead.contains(node) ? " is dead" : " is out of reach"));
  }

  /** What is being done, or waited for; empty while steps go on. */
  String status() {
    return status;
  }

  /** The last recoveries, oldest first. */
  List<Recovery> history() {
    return List.copyOf(history);
  }

  /** All processes end and are started anew: whoever is away then is found dead later. */
  void stopped() {
    attempt++;
    active = false;
    status = "";
    dead.clear();
    empty.clear();
    goBy(job.nodes().stream().map(NodeSpec::id).toList());
  }

  private void goBy(List<NodeId> next) {
    route = next;
    network.reroute(next);
  }

  /** Training goes on after that. */
  void restarted() {
    nodes.values().stream()
        .filter(node -> node.isAway() && !node.id().equals(job.dataOwner()))
        .forEach(this::watch);
  }

  private void watch(SimulatedNode node) {
    double since = agenda.now();
    agenda.at(since + restoring.detectSeconds(), () -> look(node, since));
  }

  /** A node that is away since a moment, and has been missed often enough, is dead. */
  private void look(SimulatedNode node, double since) {
    double back = node.world().presentFrom(since);
    if (back <= agenda.now() || dead.contains(node.id()) || !actions.overtake()) {
      return;
    }
    dead.add(node.id());
    empty.add(node.id());
    agenda.at(back, () -> back(node.id()));
    recover(agenda.now() - since);
  }

  private void back(NodeId node) {
    if (!dead.remove(node)) {
      return;
    }
    if (active) {
      recover(0);
    } else {
      Placement placement = actions.state().topology().placement();
      WayLeft.longest(job, aliveIds(), placement)
          .filter(way -> way.containsAll(route)) // what is on its way gets there
          .ifPresent(this::goBy);
    }
  }

  private List<NodeId> aliveIds() {
    return alive().stream().map(SimulatedNode::id).toList();
  }

  private void recover(double silent) {
    long current = ++attempt;
    silentSeconds = Math.max(active ? silentSeconds : 0, silent);
    wantedSince = active ? wantedSince : agenda.now();
    active = true;
    training.stop();
    Optional<WayLeft> found = WayLeft.shortest(job, aliveIds(), planner);
    if (found.isEmpty()) {
      status = "waiting for nodes " + dead + ": without them the job allows no placement";
      return;
    }
    status = "recovering without nodes " + dead;
    WayLeft way = found.get();
    List<Shift> shifts = shifts(way);
    network.reroute(way.route());
    agenda.at(agenda.now() + restoring.restoreSeconds(), () -> provide(current, way, shifts));
  }

  private void provide(long current, WayLeft way, List<Shift> shifts) {
    if (current != attempt) {
      return;
    }
    if (shifts.isEmpty() || training.steps() < restoring.everySteps()) {
      goOn(way); // from the seed every node builds its own layers
      return;
    }
    long unused =
        new SimulatedTransfer(simulation, network::send, () -> current == attempt, () -> goOn(way))
            .send(shifts);
  }

  private void goOn(WayLeft way) {
    route = way.route();
    actions.commit(way.placement());
    long lost = training.goBack(restoring.everySteps());
    training.assign(way.placement(), actions.state().topology().epoch());
    long unused = training.resume();
    active = false;
    status = "";
    empty.retainAll(dead);
    history.addLast(
        new Recovery(
            training.epoch(), training.steps(), lost, silentSeconds, agenda.now() - wantedSince));
    if (history.size() > HISTORY) {
      history.removeFirst();
    }
  }

  /** Layers that have to travel, each from the nearest node that has it. */
  private List<Shift> shifts(WayLeft way) {
    Placement now = actions.state().topology().placement();
    ReplicaRoute replicas =
        new ReplicaRoute(job, ReplicationSpec.toNeighbours(restoring.everySteps()), route);
    List<Shift> shifts = new ArrayList<>();
    for (int layer = 0; layer < job.layers().size(); layer++) {
      NodeId target = way.placement().nodeOfLayer().get(layer);
      NodeId source = source(way.route(), replicas, now.nodeOfLayer().get(layer), layer, target);
      if (!source.equals(target)) {
        shifts.add(new Shift(layer, layer, source, target));
      }
    }
    return shifts;
  }

  private NodeId source(
      Collection<NodeId> route, ReplicaRoute replicas, NodeId trainer, int layer, NodeId target) {
    int at = job.tier(target);
    return Stream.concat(Stream.of(trainer), replicas.keeper(trainer, layer).stream())
        .filter(holder -> route.contains(holder) && !empty.contains(holder))
        .min(Comparator.comparingInt(holder -> Math.abs(job.tier(holder) - at)))
        .orElse(job.dataOwner());
  }
}
