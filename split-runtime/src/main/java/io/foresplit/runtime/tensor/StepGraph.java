package io.foresplit.runtime.tensor;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The graph of one step over a run of layers, from its forward to its backward pass. It is cut
 * where runs that are recorded begin and end: gradients go over a cut as they go from node to node,
 * so a cut changes no value. Passes of all graphs in a JVM take turns, for the engine has one
 * gradient collector; a graph may stay open while others have their passes. Not thread-safe.
 */
final class StepGraph implements AutoCloseable {
  private static final ReentrantLock ENGINE = new ReentrantLock();

  private final NDManager manager;
  private final SortedMap<Integer, TrainedLayer> layers;
  private final List<LayerRun> runs;
  private final List<Piece> pieces = new ArrayList<>();
  private final Map<LayerRun, Tensor> inputs = new TreeMap<>();
  private final Map<LayerRun, Tensor> gradients = new TreeMap<>();

  /** What lies between two cuts. */
  private record Piece(int firstLayer, NDArray input, NDArray output) {}

  private StepGraph(
      NDManager manager, SortedMap<Integer, TrainedLayer> layers, List<LayerRun> runs) {
    this.manager = manager;
    this.layers = layers;
    this.runs = runs;
  }

  /**
   * Runs layers forward.
   *
   * @param manager closed with the graph
   * @param layers one run of at least one layer
   * @param runs to record, within the layers
   * @param modelLayers layers of the whole model: past its last one the logits are cut off
   */
  static StepGraph forward(
      NDManager manager,
      SortedMap<Integer, TrainedLayer> layers,
      Tensor input,
      List<LayerRun> runs,
      int modelLayers) {
    StepGraph graph = new StepGraph(manager, layers, runs);
    try {
      SortedSet<Integer> cuts = graph.cuts(modelLayers);
      GradientCollector collector = open();
      try {
        graph.run(input, cuts);
      } finally {
        end(collector);
      }
      return graph;
    } catch (RuntimeException e) {
      manager.close();
      throw e;
    }
  }

  private SortedSet<Integer> cuts(int modelLayers) {
    SortedSet<Integer> cuts = new TreeSet<>();
    for (LayerRun run : runs) {
      if (run.first() < layers.firstKey() || run.last() > layers.lastKey()) {
        throw new IllegalStateException(
            "layers " + run + " cannot be recorded, held are " + layers.keySet());
      }
      cuts.add(run.first());
      if (run.last() < layers.lastKey() || run.last() == modelLayers - 1) {
        cuts.add(run.last() + 1);
      }
    }
    cuts.remove(layers.firstKey());
    return cuts;
  }

  private void run(Tensor input, SortedSet<Integer> cuts) {
    int first = layers.firstKey();
    NDArray from = manager.create(input.data(), new Shape(input.shape()));
    if (first > 0) {
      from.setRequiresGradient(true);
    }
    NDArray x = from;
    keepInput(first, input);
    for (int layer = first; layer <= layers.lastKey() + 1; layer++) {
      if (cuts.contains(layer)) {
        pieces.add(new Piece(first, from, x));
        Tensor value = TrainedLayer.tensor(x);
        keepInput(layer, value);
        from = manager.create(value.data(), new Shape(value.shape()));
        from.setRequiresGradient(true);
        x = from;
        first = layer;
      }
      TrainedLayer next = layers.get(layer);
      if (next != null) {
        x = next.forward(x);
      }
    }
    pieces.add(new Piece(first, from, x));
  }

  private void keepInput(int layer, Tensor value) {
    runs.stream().filter(run -> run.first() == layer).forEach(run -> inputs.put(run, value));
  }

  NDManager manager() {
    return manager;
  }

  NDArray output() {
    return pieces.get(pieces.size() - 1).output();
  }

  /** What went into the recorded runs. */
  Map<LayerRun, Tensor> inputs() {
    return Map.copyOf(inputs);
  }

  /** What came back to the recorded runs; empty before the backward pass. */
  Map<LayerRun, Tensor> gradients() {
    return Map.copyOf(gradients);
  }

  /**
   * Goes back through all layers; their parameters have gradients then.
   *
   * @param loss makes a scalar of the output
   * @param outputGradient that the scalar stands for, when it was given
   * @return the gradient of the input; null at the first layer of the model
   */
  @Nullable Tensor backward(UnaryOperator<NDArray> loss, @Nullable Tensor outputGradient) {
    Map<Integer, Tensor> atCuts = new HashMap<>();
    if (outputGradient != null) {
      atCuts.put(layers.lastKey() + 1, outputGradient);
    }
    GradientCollector collector = open();
    try {
      NDArray scalar = loss.apply(output());
      collector.backward(scalar);
      for (int i = pieces.size() - 1; i > 0; i--) {
        NDArray gradient = gradient(pieces.get(i));
        atCuts.put(pieces.get(i).firstLayer(), TrainedLayer.tensor(gradient));
        collector.backward(pieces.get(i - 1).output().mul(gradient).sum());
      }
      for (LayerRun run : runs) {
        gradients.put(run, Objects.requireNonNull(atCuts.get(run.last() + 1)));
      }
      return layers.firstKey() == 0 ? null : TrainedLayer.tensor(gradient(pieces.get(0)));
    } finally {
      end(collector);
    }
  }

  private NDArray gradient(Piece piece) {
    NDArray gradient = piece.input().getGradient();
    gradient.attach(manager);
    return gradient;
  }

  /** Opens the gradient collector; graphs that are built meanwhile outlive it. */
  private static GradientCollector open() {
    ENGINE.lock();
    try {
      return Engine.getInstance().newGradientCollector();
    } catch (RuntimeException e) {
      ENGINE.unlock();
      throw e;
    }
  }

  private static void end(GradientCollector collector) {
    try {
      collector.close();
    } finally {
      ENGINE.unlock();
    }
  }

  @Override
  public void close() {
    manager.close();
  }
}
