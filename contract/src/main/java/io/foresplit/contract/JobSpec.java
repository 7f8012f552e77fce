package io.foresplit.contract;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * A training job as its job file declares it.
 *
 * @param nodes in the order of the chain, data owner first
 * @param links both directions of each neighbouring pair
 * @param dataOwner holds the raw data, which never moves
 * @param labelHolders nodes that hold the labels; the last layer and the loss stay on one of them
 * @param minOwnerLayers least number of layers that stay on the data owner
 * @param objectives may be empty: then Foresplit only observes
 * @param scheme who takes part in a step
 */
public record JobSpec(
    JobId id,
    String model,
    int batchSize,
    Duration interval,
    List<LayerProfile> layers,
    List<NodeSpec> nodes,
    List<LinkSpec> links,
    NodeId dataOwner,
    List<NodeId> labelHolders,
    int minOwnerLayers,
    List<Objective> objectives,
    TrainingScheme scheme) {
  public JobSpec {
    layers = List.copyOf(layers);
    nodes = List.copyOf(nodes);
    links = List.copyOf(links);
    labelHolders = List.copyOf(labelHolders);
    objectives = List.copyOf(objectives);
    Names.require("model", model);
    require(batchSize > 0, "batchSize must be positive, was " + batchSize);
    require(!interval.isNegative() && !interval.isZero(), "interval must be positive");
    require(!layers.isEmpty(), "a job needs at least one layer");
    require(!nodes.isEmpty(), "a job needs at least one node");
    require(
        nodes.get(0).id().equals(dataOwner),
        "the data owner must be the first node of the chain, was " + dataOwner);
    require(
        nodes.stream().map(NodeSpec::id).distinct().count() == nodes.size(),
        "node ids must be unique");
    require(!labelHolders.isEmpty(), "a job needs at least one label holder");
    for (NodeId holder : labelHolders) {
      require(
          nodes.stream().anyMatch(n -> n.id().equals(holder)),
          "label holder " + holder + " is not a node of the job");
    }
    require(
        minOwnerLayers >= 0 && minOwnerLayers <= layers.size(),
        "minOwnerLayers must be between 0 and " + layers.size() + ", was " + minOwnerLayers);
    for (int i = 0; i + 1 < nodes.size(); i++) {
      NodeId a = nodes.get(i).id();
      NodeId b = nodes.get(i + 1).id();
      require(
          links.stream().filter(l -> l.from().equals(a) && l.to().equals(b)).count() == 1
              && links.stream().filter(l -> l.from().equals(b) && l.to().equals(a)).count() == 1,
          "nodes " + a + " and " + b + " need one link in each direction");
    }
    requirePeers(nodes, links, scheme);
    requireTail(nodes, layers.size(), dataOwner, labelHolders, scheme);
  }

  /** A job of one client and one pass a step. */
  public JobSpec(
      JobId id,
      String model,
      int batchSize,
      Duration interval,
      List<LayerProfile> layers,
      List<NodeSpec> nodes,
      List<LinkSpec> links,
      NodeId dataOwner,
      List<NodeId> labelHolders,
      int minOwnerLayers,
      List<Objective> objectives) {
    this(
        id,
        model,
        batchSize,
        interval,
        layers,
        nodes,
        links,
        dataOwner,
        labelHolders,
        minOwnerLayers,
        objectives,
        TrainingScheme.chain());
  }

  private static void requirePeers(
      List<NodeSpec> nodes, List<LinkSpec> links, TrainingScheme scheme) {
    require(scheme.peers().isEmpty() || nodes.size() > 1, "several clients need a node after them");
    List<NodeId> seen = new ArrayList<>(nodes.stream().map(NodeSpec::id).toList());
    for (NodeSpec peer : scheme.peers()) {
      NodeId after = nodes.get(1).id();
      require(!seen.contains(peer.id()), "node ids must be unique, " + peer.id() + " is not");
      seen.add(peer.id());
      require(
          joined(links, peer.id(), after) && joined(links, after, peer.id()),
          "client " + peer.id() + " and node " + after + " need one link in each direction");
    }
  }

  private static void requireTail(
      List<NodeSpec> nodes,
      int layers,
      NodeId dataOwner,
      List<NodeId> labelHolders,
      TrainingScheme scheme) {
    if (scheme.tailLayers() > 0) {
      require(nodes.size() > 1, "mode u-shaped needs a node besides the clients");
      require(
          scheme.tailLayers() <= layers - 2,
          "tailLayers must leave a layer for the head and one for the servers, of "
              + layers
              + ", was "
              + scheme.tailLayers());
      require(
          labelHolders.equals(List.of(dataOwner)),
          "in mode u-shaped the labels stay with the clients, was " + labelHolders);
    }
  }

  private static boolean joined(List<LinkSpec> links, NodeId from, NodeId to) {
    return links.stream().filter(l -> l.from().equals(from) && l.to().equals(to)).count() == 1;
  }

  private static void require(boolean holds, String message) {
    if (!holds) {
      throw new IllegalArgumentException(message);
    }
  }

  public Optional<NodeSpec> node(NodeId id) {
    return participants().stream().filter(n -> n.id().equals(id)).findFirst();
  }

  /** All nodes: those of the chain, then the other clients. */
  public List<NodeSpec> participants() {
    if (scheme.peers().isEmpty()) {
      return nodes;
    }
    List<NodeSpec> all = new ArrayList<>(nodes);
    all.addAll(scheme.peers());
    return all;
  }

  /** Nodes with data of their own: the data owner, then the others. */
  public List<NodeId> clients() {
    List<NodeId> clients = new ArrayList<>(List.of(dataOwner));
    scheme.peers().forEach(peer -> clients.add(peer.id()));
    return clients;
  }

  /**
   * The job as far as these nodes are there: the first client that is there is the data owner, who
   * stands for the others. How the data is divided is not told by it.
   *
   * @throws IllegalArgumentException when no client is there, no label holder, or no way through
   */
  public JobSpec among(Collection<NodeId> present) {
    List<NodeSpec> clients =
        clients().stream().filter(present::contains).flatMap(id -> node(id).stream()).toList();
    require(!clients.isEmpty(), "no client of job " + id + " is among " + present);
    NodeSpec owner = clients.get(0);
    List<NodeSpec> chain = new ArrayList<>(List.of(owner));
    nodes.stream().skip(1).filter(node -> present.contains(node.id())).forEach(chain::add);
    return new JobSpec(
        id,
        model,
        batchSize,
        interval,
        layers,
        chain,
        links.stream()
            .filter(link -> present.contains(link.from()) && present.contains(link.to()))
            .toList(),
        owner.id(),
        labelHolders.stream()
            .map(holder -> holder.equals(dataOwner) ? owner.id() : holder)
            .filter(present::contains)
            .distinct()
            .toList(),
        minOwnerLayers,
        objectives,
        scheme.withPeers(clients.subList(1, clients.size())));
  }

  /** Position of a node in the chain, 0 for the data owner and the other clients, or -1. */
  public int tier(NodeId id) {
    if (scheme.peers().stream().anyMatch(peer -> peer.id().equals(id))) {
      return 0;
    }
    for (int i = 0; i < nodes.size(); i++) {
      if (nodes.get(i).id().equals(id)) {
        return i;
      }
    }
    return -1;
  }

  public Optional<LinkSpec> link(NodeId from, NodeId to) {
    return links.stream().filter(l -> l.from().equals(from) && l.to().equals(to)).findFirst();
  }

  /** Conditions as declared: nominal links, no slowdown. */
  public Conditions declaredConditions() {
    return Conditions.declared(this);
  }
}
