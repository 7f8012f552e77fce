package io.foresplit.runtime.node;

import io.foresplit.runtime.OwnedLayer;
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
  private static final int LEAST_STEPS = 4;
  private static final int MOST_STEPS = 64;
  private static final long BYTES = 256L << 20;

  private final int mostSteps;
  private final NavigableMap<Long, SortedMap<OwnedLayer, LayerState>> states = new TreeMap<>();

  /**
   * Nothing is kept.
   *
   * @param modelBytes of all parameters; an optimiser has as much again
   */
  ReplicaStore(long modelBytes) {
    mostSteps =
        (int) Math.max(LEAST_STEPS, Math.min(MOST_STEPS, BYTES / (2 * Math.max(1, modelBytes))));
  }

  /** Most boundaries kept of one layer. */
  int mostSteps() {
    return mostSteps;
  }

  /**
   * Keeps states.
   *
   * @param step the first step they have not done
   * @param owner the client whose they are, where each has its own; else empty
   */
  synchronized void keep(long step, String owner, Collection<LayerState> layers) {
    for (LayerState state : layers) {
      OwnedLayer layer = new OwnedLayer(owner, state.layer());
      states.computeIfAbsent(step, s -> new TreeMap<>()).put(layer, state);
      List<Long> steps = steps(layer);
      if (steps.size() > mostSteps) {
        remove(steps.get(0), layer);
      }
    }
  }

  /** The state of a layer as of a boundary. */
  synchronized Optional<LayerState> get(long step, OwnedLayer layer) {
    return Optional.ofNullable(states.getOrDefault(step, Collections.emptySortedMap()).get(layer));
  }

  /** Which layers are kept as of which boundary. */
  synchronized SortedMap<Long, SortedSet<OwnedLayer>> held() {
    SortedMap<Long, SortedSet<OwnedLayer>> held = new TreeMap<>();
    states.forEach((step, layers) -> held.put(step, new TreeSet<>(layers.keySet())));
    return held;
  }

  /** Boundaries from one on as of which a layer is kept. */
  synchronized int keptSince(long step, OwnedLayer layer) {
    return (int) steps(layer).stream().filter(s -> s >= step).count();
  }

  /**
   * Forgets boundaries before one, but for the last state of a client's own layers: a client that
   * is away goes on with it.
   */
  synchronized void dropBefore(long step) {
    for (Map.Entry<Long, SortedMap<OwnedLayer, LayerState>> old :
        List.copyOf(states.headMap(step, false).entrySet())) {
      for (OwnedLayer layer : List.copyOf(old.getValue().keySet())) {
        List<Long> steps = steps(layer);
        if (layer.owner().isEmpty() || old.getKey() < steps.get(steps.size() - 1)) {
          remove(old.getKey(), layer);
        }
      }
    }
  }

  /** Forgets boundaries after one: what was done then has not happened. */
  synchronized void dropAfter(long step) {
    states.tailMap(step, false).clear();
  }

  private List<Long> steps(OwnedLayer layer) {
    List<Long> steps = new ArrayList<>();
    for (Map.Entry<Long, SortedMap<OwnedLayer, LayerState>> entry : states.entrySet()) {
      if (entry.getValue().containsKey(layer)) {
        steps.add(entry.getKey());
      }
    }
    return steps;
  }

  private void remove(long step, OwnedLayer layer) {
    SortedMap<OwnedLayer, LayerState> layers = states.get(step);
    if (layers != null) {
      layers.remove(layer);
      if (layers.isEmpty()) {
        states.remove(step);
      }
    }
  }
}
