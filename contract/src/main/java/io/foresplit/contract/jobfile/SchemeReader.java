package io.foresplit.contract.jobfile;

import io.foresplit.contract.NodeSpec;
import io.foresplit.contract.TrainingScheme;
import io.foresplit.contract.TrainingScheme.Mode;
import io.foresplit.contract.TrainingScheme.Sharding;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * What a job file says of clients and modes.
 *
 * @param clients names as written; empty when the data owner is the only one
 */
record SchemeReader(
    Mode mode,
    int microBatches,
    List<String> clients,
    Sharding sharding,
    int turnSteps,
    int averageEvery,
    int quorum,
    Duration stragglerTimeout,
    int tailLayers) {

  static SchemeReader read(Section root) {
    List<String> clients = root.has("clients") ? root.texts("clients") : List.of();
    Mode mode = root.has("mode") ? root.constant("mode", Mode.class) : Mode.CHAIN;
    int quorum = optional(root, "quorum");
    if (!root.has("stragglerTimeout") && quorum > 0 && quorum < clients.size()) {
      root.problem("quorum", "a stragglerTimeout beside it", String.valueOf(quorum));
    }
    return new SchemeReader(
        mode,
        root.has("microBatches") ? JobFileParser.positive(root, "microBatches") : 1,
        clients,
        root.has("shards") ? root.constant("shards", Sharding.class) : Sharding.IID,
        optional(root, "turnSteps"),
        optional(root, "averageEvery"),
        quorum,
        root.has("stragglerTimeout")
            ? JobFileParser.duration(root, "stragglerTimeout")
            : Duration.ZERO,
        optional(root, "tailLayers"));
  }

  private static int optional(Section root, String key) {
    return root.has(key) ? JobFileParser.positive(root, key) : 0;
  }

  /** The first client, then the nodes that are none, in the order of the file. */
  List<NodeSpec> chain(Section root, List<NodeSpec> nodes) {
    if (clients.isEmpty()) {
      return nodes;
    }
    List<String> names = nodes.stream().map(n -> n.id().value()).toList();
    if (!names.containsAll(clients) || clients.stream().distinct().count() != clients.size()) {
      root.problem("clients", "different nodes of " + names, clients.toString());
    }
    return nodes.stream()
        .filter(n -> first(n) || !clients.contains(n.id().value()))
        .sorted((a, b) -> Boolean.compare(first(b), first(a)))
        .toList();
  }

  private boolean first(NodeSpec node) {
    return node.id().value().equals(clients.get(0));
  }

  /**
   * Whether a link may be between these: nodes in order, or another client and a node after the
   * clients.
   */
  boolean joins(List<String> chain, List<String> ends) {
    if (ends.size() != 2) {
      return false;
    }
    int near = chain.indexOf(ends.get(0));
    int far = chain.indexOf(ends.get(1));
    if (near < 0) {
      return clients.contains(ends.get(0)) && far >= 1;
    }
    return far > near;
  }

  /** What the ends of a link must be. */
  String ends(List<String> chain) {
    return "two nodes in the order of the chain "
        + chain
        + (clients.size() > 1 ? ", or a client and a node after the clients" : "");
  }

  String dataOwner(Section root) {
    if (clients.isEmpty()) {
      return root.text("dataOwner");
    }
    if (root.has("dataOwner") && !root.text("dataOwner").equals(clients.get(0))) {
      root.problem("dataOwner", "the first client " + clients.get(0), root.text("dataOwner"));
    }
    return clients.get(0);
  }

  /** In mode u-shaped each client has its own labels. */
  List<String> labelHolders(Section root, String dataOwner) {
    if (mode != Mode.U_SHAPED) {
      return root.texts("labelHolders");
    }
    List<String> all = clients.isEmpty() ? List.of(dataOwner) : clients;
    if (root.has("labelHolders") && !root.texts("labelHolders").equals(all)) {
      root.problem(
          "labelHolders",
          "the clients " + all + " or nothing, as labels stay with them",
          root.texts("labelHolders").toString());
    }
    return List.of(dataOwner);
  }

  /**
   * What the keys come to.
   *
   * @throws IllegalArgumentException when they do not go together
   */
  TrainingScheme scheme(List<NodeSpec> nodes) {
    if (clients.size() < 2) {
      String name = mode.name().toLowerCase(Locale.ROOT).replace('_', '-');
      if (mode != Mode.CHAIN && mode != Mode.U_SHAPED) {
        throw new IllegalArgumentException("mode " + name + " needs at least two clients");
      }
      if (mode == Mode.U_SHAPED && averageEvery > 0) {
        throw new IllegalArgumentException(
            "averageEvery may be given in mode u-shaped with several clients alone, was "
                + averageEvery);
      }
    }
    List<NodeSpec> peers =
        clients.stream()
            .skip(1)
            .flatMap(name -> nodes.stream().filter(n -> n.id().value().equals(name)))
            .toList();
    return new TrainingScheme(
        mode,
        microBatches,
        peers,
        sharding,
        turnSteps,
        averageEvery,
        quorum,
        stragglerTimeout,
        tailLayers);
  }
}
