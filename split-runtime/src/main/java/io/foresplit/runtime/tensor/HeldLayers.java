package io.foresplit.runtime.tensor;

import ai.djl.ndarray.NDManager;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** The layers of a model that a segment has, in native memory. Not thread-safe. */
final class HeldLayers implements AutoCloseable {
  private final ModelDefinition model;
  private final Optimiser optimiser;
  private final long seed;
  private final NDManager manager;
  private final TreeMap<Integer, TrainedLayer> layers = new TreeMap<>();

  /**
   * No layers.
   *
   * @param seed of initial weights
   */
  HeldLayers(ModelDefinition model, Optimiser optimiser, long seed, NDManager manager) {
    this.model = model;
    this.optimiser = optimiser;
    this.seed = seed;
    this.manager = manager;
  }

  /** A view by index. */
  SortedMap<Integer, TrainedLayer> all() {
    return Collections.unmodifiableSortedMap(layers);
  }

  void initialise(int firstLayer, int lastLayer) {
    requireLayer(firstLayer);
    requireLayer(lastLayer);
    for (int i = firstLayer; i <= lastLayer; i++) {
      put(TrainedLayer.initial(i, model.layers().get(i), optimiser, manager, seed));
    }
  }

  void check(LayerState state) {
    requireLayer(state.layer());
    TrainedLayer.check(state, model.layers().get(state.layer()), optimiser);
  }

  private void requireLayer(int layer) {
    if (layer < 0 || layer >= model.layers().size()) {
      throw new IllegalArgumentException(
          "model "
              + model.name()
              + " has layers 0 to "
              + (model.layers().size() - 1)
              + ", no layer "
              + layer);
    }
  }

  void install(List<LayerState> states) {
    states.forEach(this::check);
    for (LayerState state : states) {
      put(TrainedLayer.of(state, model.layers().get(state.layer()), optimiser, manager));
    }
  }

  /** Takes over all layers of another. */
  void adopt(HeldLayers other) {
    other.layers.values().forEach(this::put);
    other.layers.clear();
  }

  private void put(TrainedLayer layer) {
    TrainedLayer before = layers.put(layer.index(), layer);
    if (before != null) {
      before.close();
    }
  }

  void retain(int firstLayer, int lastLayer) {
    layers
        .entrySet()
        .removeIf(
            e -> {
              boolean drop = e.getKey() < firstLayer || e.getKey() > lastLayer;
              if (drop) {
                e.getValue().close();
              }
              return drop;
            });
  }

  /** Index of the first layer, or -1. */
  int first() {
    return layers.isEmpty() ? -1 : layers.firstKey();
  }

  /** Index of the last layer, or -1. */
  int last() {
    return layers.isEmpty() ? -1 : layers.lastKey();
  }

  List<LayerState> export(int firstLayer, int lastLayer) {
    Collection<TrainedLayer> wanted = layers.subMap(firstLayer, true, lastLayer, true).values();
    if (wanted.size() != lastLayer - firstLayer + 1) {
      throw new IllegalArgumentException(
          "layers "
              + firstLayer
              + " to "
              + lastLayer
              + " are not all held, held are "
              + layers.keySet());
    }
    return wanted.stream().map(TrainedLayer::state).toList();
  }

  void requireOneRun() {
    if (layers.isEmpty() || last() - first() + 1 != layers.size()) {
      throw new IllegalStateException(
          "a segment is one run of layers, held are " + layers.keySet() + ": retain one run");
    }
  }

  @Override
  public void close() {
    layers.values().forEach(TrainedLayer::close);
    layers.clear();
  }
}
