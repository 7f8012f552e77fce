package io.foresplit.runtime.node;

import io.foresplit.runtime.tensor.LayerState;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * States of layers as of step boundaries, in memory: this node's own, to which it can roll back,
 * and those of others, from which they are restored. What is needed no more is dropped when told
 * so; beyond a bound of steps a layer the oldest goes, whatever was told. Thread-safe.
 */
final class ReplicaStore {
  /** Most boundaries kept of one layer. */
  static final int MAX_STEPS = 64;

  private final NavigableMap<Long, SortedMap<Integer, LayerState>> states = new TreeMap<>();

  /**
   * Keeps states.
   *
   * @param step the first step they have not done
   */
  synchronized void keep(long step, Collection<LayerState> layers) {
    for (LayerState state : layers) {
      states.computeIfAbsent(step, s -> new TreeMap<>()).put(state.layer(), state);
      List<Long> steps = steps(state.layer());
      if (steps.size() > MAX_STEPS) {
        remove(steps.get(0), state.layer());
      }
    }
  }

  /** The state of a layer as of a boundary. */
  synchronized Optional<LayerState> get(long step, int layer) {
    return Optional.ofNullable(states.getOrDefault(step, Collections.emptySortedMap()).get(layer));
  }

  /** Which layers are kept as of which boundary. */
  synchronized SortedMap<Long, SortedSet<Integer>> held() {
    SortedMap<Long, SortedSet<Integer>> held = new TreeMap<>();
    states.forEach((step, layers) -> held.put(step, new TreeSet<>(layers.keySet())));
    return held;
  }

  /** Boundaries from one on as of which a layer is kept. */
  synchronized int keptSince(long step, int layer) {
    return (int) steps(layer).stream().filter(s -> s >= step).count();
  }

  /** Forgets boundaries before one. */
  synchronized void dropBefore(long step) {
    states.headMap(step, false).clear();
  }

  /** Forgets boundaries after one: what was done then has not happened. */
  synchronized void dropAfter(long step) {
    states.tailMap(step, false).clear();
  }

  private List<Long> steps(int layer) {
    List<Long> steps = new ArrayList<>();
    for (Map.Entry<Long, SortedMap<Integer, LayerState>> entry : states.entrySet()) {
      if (entry.getValue().containsKey(layer)) {
        steps.add(entry.getKey());
      }
    }
    return steps;
  }

  private void remove(long step, int layer) {
    SortedMap<Integer, LayerState> layers = states.get(step);
    if (layers != null) {
      layers.remove(layer);
      if (layers.isEmpty()) {
        states.remove(step);
      }
    }
  }
}
