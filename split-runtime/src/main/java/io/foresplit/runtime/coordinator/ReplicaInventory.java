package io.foresplit.runtime.coordinator;

import io.foresplit.contract.NodeId;
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
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

/** Which nodes have the state of which layers as of which step boundaries. Not thread-safe. */
final class ReplicaInventory {
  private final int layers;
  private final NavigableMap<Long, Map<Integer, Set<NodeId>>> holders = new TreeMap<>();
  private final NavigableMap<Long, Map<Integer, Integer>> files = new TreeMap<>();

  /**
   * Nothing.
   *
   * @param layers of the model
   */
  ReplicaInventory(int layers) {
    this.layers = layers;
  }

  /** Of all nodes. */
  static ReplicaInventory of(int layers, Map<NodeId, List<HeldStep>> held) {
    ReplicaInventory inventory = new ReplicaInventory(layers);
    held.forEach(inventory::add);
    return inventory;
  }

  private void add(NodeId node, List<HeldStep> held) {
    for (HeldStep step : held) {
      for (int layer : step.getLayersList()) {
        holders
            .computeIfAbsent(step.getStep(), s -> new TreeMap<>())
            .computeIfAbsent(layer, l -> new TreeSet<>())
            .add(node);
      }
      for (int layer : step.getFiledList()) {
        files.computeIfAbsent(step.getStep(), s -> new TreeMap<>()).merge(layer, 1, Integer::sum);
      }
    }
  }

  /** Nodes that have a layer as of a boundary. */
  Set<NodeId> holders(long step, int layer) {
    return Collections.unmodifiableSet(
        holders.getOrDefault(step, Map.of()).getOrDefault(layer, Set.of()));
  }

  /** The last boundary as of which some of these nodes has each layer. */
  OptionalLong latest(Collection<NodeId> reached) {
    for (long step : holders.descendingKeySet()) {
      boolean all = true;
      for (int layer = 0; layer < layers && all; layer++) {
        all = holders(step, layer).stream().anyMatch(reached::contains);
      }
      if (all) {
        return OptionalLong.of(step);
      }
    }
    return OptionalLong.empty();
  }

  /**
   * The last boundary as of which there are enough copies of each layer. A file counts as one.
   *
   * @param copies wanted, by layer
   */
  OptionalLong redundant(IntUnaryOperator copies) {
    for (long step : holders.descendingKeySet()) {
      boolean all = true;
      for (int layer = 0; layer < layers && all; layer++) {
        int there =
            holders(step, layer).size() + files.getOrDefault(step, Map.of()).getOrDefault(layer, 0);
        all = there >= copies.applyAsInt(layer);
      }
      if (all) {
        return OptionalLong.of(step);
      }
    }
    return OptionalLong.empty();
  }

  /** Layers that none of these nodes has, as of any boundary. */
  List<Integer> missing(Collection<NodeId> reached) {
    return IntStream.range(0, layers)
        .filter(
            layer ->
                holders.keySet().stream()
                    .noneMatch(step -> holders(step, layer).stream().anyMatch(reached::contains)))
        .boxed()
        .toList();
  }
}
