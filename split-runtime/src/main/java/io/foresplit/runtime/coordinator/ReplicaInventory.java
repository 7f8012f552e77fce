package io.foresplit.runtime.coordinator;

import io.foresplit.contract.NodeId;
import io.foresplit.runtime.OwnedLayer;
import io.foresplit.runtime.proto.HeldStep;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Which nodes have the state of which layers as of which step boundaries. Not thread-safe. */
final class ReplicaInventory {
  private final NavigableMap<Long, Map<OwnedLayer, Set<NodeId>>> holders = new TreeMap<>();
  private final NavigableMap<Long, Map<OwnedLayer, Integer>> files = new TreeMap<>();

  private ReplicaInventory() {}

  /** Of all nodes. */
  static ReplicaInventory of(Map<NodeId, List<HeldStep>> held) {
    ReplicaInventory inventory = new ReplicaInventory();
    held.forEach(inventory::add);
    return inventory;
  }

  private void add(NodeId node, List<HeldStep> held) {
    for (HeldStep step : held) {
      for (int layer : step.getLayersList()) {
        holders
            .computeIfAbsent(step.getStep(), s -> new TreeMap<>())
            .computeIfAbsent(new OwnedLayer(step.getOwner(), layer), l -> new TreeSet<>())
            .add(node);
      }
      for (int layer : step.getFiledList()) {
        files
            .computeIfAbsent(step.getStep(), s -> new TreeMap<>())
            .merge(new OwnedLayer(step.getOwner(), layer), 1, Integer::sum);
      }
    }
  }

  /** Nodes that have a layer as of a boundary. */
  Set<NodeId> holders(long step, OwnedLayer layer) {
    return Collections.unmodifiableSet(
        holders.getOrDefault(step, Map.of()).getOrDefault(layer, Set.of()));
  }

  /** Whether nobody has anything. */
  boolean isEmpty() {
    return holders.isEmpty();
  }

  /** Whether anybody has a layer as of any boundary. */
  boolean has(OwnedLayer layer) {
    return holders.values().stream().anyMatch(layers -> layers.containsKey(layer));
  }

  /** Whether a node has a layer as of any boundary. */
  private boolean has(NodeId node, OwnedLayer layer) {
    return holders.keySet().stream().anyMatch(step -> holders(step, layer).contains(node));
  }

  /** The last boundary as of which some of these nodes has each of these layers. */
  OptionalLong latest(Collection<NodeId> reached, Collection<OwnedLayer> wanted) {
    return latest(reached, wanted, Long.MAX_VALUE);
  }

  /** The same, not after a boundary. */
  OptionalLong latest(Collection<NodeId> reached, Collection<OwnedLayer> wanted, long most) {
    for (long step : holders.headMap(most, true).descendingKeySet()) {
      if (wanted.stream()
          .allMatch(layer -> holders(step, layer).stream().anyMatch(reached::contains))) {
        return OptionalLong.of(step);
      }
    }
    return OptionalLong.empty();
  }

  /**
   * The last boundary as of which there are enough copies of each layer. A file counts as one.
   *
   * @param copies wanted
   * @param most no boundary after this one
   */
  OptionalLong redundant(Map<OwnedLayer, Integer> copies, long most) {
    for (long step : holders.headMap(most, true).descendingKeySet()) {
      if (copies.entrySet().stream()
          .allMatch(wanted -> copies(step, wanted.getKey()) >= wanted.getValue())) {
        return OptionalLong.of(step);
      }
    }
    return OptionalLong.empty();
  }

  private int copies(long step, OwnedLayer layer) {
    return holders(step, layer).size() + files.getOrDefault(step, Map.of()).getOrDefault(layer, 0);
  }

  /** Layers that none of these nodes has, as of any boundary. */
  List<Integer> missing(Collection<NodeId> reached, Collection<OwnedLayer> wanted) {
    return wanted.stream()
        .filter(layer -> reached.stream().noneMatch(node -> has(node, layer)))
        .map(OwnedLayer::layer)
        .distinct()
        .toList();
  }

  /** Boundaries, layers and nodes, for a log. */
  @Override
  public String toString() {
    return holders.toString();
  }
}
