package io.foresplit.runtime.tensor;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Trains a run of layers: forward, wait for the gradient of the output, backward, update. Not
 * thread-safe, and only one step may be open in a JVM, for the engine has one gradient collector.
 * Tensors are computed on one thread, so results do not depend on the machine's load.
 */
public final class SegmentTrainer implements AutoCloseable {
  static {
    System.setProperty("ai.djl.pytorch.num_threads", "1");
    System.setProperty("ai.djl.pytorch.num_interop_threads", "1");
  }

  /**
   * What the forward pass gave.
   *
   * @param nanos compute time
   */
  public record Forward(
      Tensor output, double activationMean, double activationVariance, long nanos) {}

  /**
   * What the backward pass gave, after the update.
   *
   * @param inputGradient null at the first layer of the model, which nobody waits for
   * @param gradientNorm L2 norm over the segment's parameters
   */
  public record Backward(@Nullable Tensor inputGradient, double gradientNorm, long nanos) {}

  /**
   * Loss and backward pass of the last segment.
   *
   * @param loss mean cross-entropy of the batch, nats
   */
  public record Loss(
      double loss, @Nullable Tensor inputGradient, double gradientNorm, long nanos) {}

  /** A forward pass that waits for its gradient. */
  private record OpenStep(
      NDManager manager, GradientCollector collector, NDArray input, NDArray output) {}

  private final ModelDefinition model;
  private final Optimiser optimiser;
  private final long seed;
  private final LongSupplier nanoTime;
  private final NDManager manager = NDManager.newBaseManager(Device.cpu());
  private final TreeMap<Integer, TrainedLayer> layers = new TreeMap<>();
  private @Nullable OpenStep open;

  /**
   * @param seed of the initial weights
   * @param nanoTime for measuring compute time
   */
  public SegmentTrainer(
      ModelDefinition model, Optimiser optimiser, long seed, LongSupplier nanoTime) {
    this.model = model;
    this.optimiser = optimiser;
    this.seed = seed;
    this.nanoTime = nanoTime;
  }

  /** Starts layers afresh; their weights depend on seed and layer alone. */
  public void initialise(int firstLayer, int lastLayer) {
    requireClosed();
    requireLayer(firstLayer);
    requireLayer(lastLayer);
    for (int i = firstLayer; i <= lastLayer; i++) {
      put(TrainedLayer.initial(i, model.layers().get(i), optimiser, manager, seed));
    }
  }

  /**
   * Refuses a state that {@link #install} would refuse. Changes nothing, and needs no native
   * memory.
   *
   * @throws IllegalArgumentException in one line, which names the layer
   */
  public void check(LayerState state) {
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

  /** Takes over layers; nothing changes when one of the states does not fit the model. */
  public void install(List<LayerState> states) {
    requireClosed();
    states.forEach(this::check);
    for (LayerState state : states) {
      put(TrainedLayer.of(state, model.layers().get(state.layer()), optimiser, manager));
    }
  }

  private void put(TrainedLayer layer) {
    TrainedLayer before = layers.put(layer.index(), layer);
    if (before != null) {
      before.close();
    }
  }

  /** Drops all other layers; {@code -1, -1} drops all. */
  public void retain(int firstLayer, int lastLayer) {
    requireClosed();
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

  /** Index of the first layer held, or -1. */
  public int firstLayer() {
    return layers.isEmpty() ? -1 : layers.firstKey();
  }

  /** Index of the last layer held, or -1. */
  public int lastLayer() {
    return layers.isEmpty() ? -1 : layers.lastKey();
  }

  /**
   * Runs the segment forward and keeps the step open for its gradient.
   *
   * @param input activation of the layer before, batch first
   */
  public Forward forward(Tensor input) {
    requireClosed();
    requireOneRun();
    long expected = model.inputElements(firstLayer());
    if (input.shape().length < 2 || input.data().length != input.shape()[0] * expected) {
      throw new IllegalArgumentException(
          "layer "
              + model.layers().get(firstLayer()).name()
              + " takes a batch of "
              + expected
              + " values a sample, was "
              + input);
    }
    long start = nanoTime.getAsLong();
    GradientCollector collector = Engine.getInstance().newGradientCollector();
    NDManager step = manager.newSubManager();
    try {
      NDArray in = step.create(input.data(), new Shape(input.shape()));
      if (firstLayer() > 0) {
        in.setRequiresGradient(true);
      }
      NDArray x = in;
      for (TrainedLayer layer : layers.values()) {
        x = layer.forward(x);
      }
      open = new OpenStep(step, collector, in, x);
      Tensor output = TrainedLayer.tensor(x);
      long nanos = nanoTime.getAsLong() - start;
      return new Forward(output, output.mean(), output.variance(), nanos);
    } catch (RuntimeException e) {
      open = null;
      collector.close();
      step.close();
      throw e;
    }
  }

  /**
   * Closes the step: vector-Jacobian product with the gradient of the output, then the update.
   *
   * @param outputGradient of the shape of the output
   */
  public Backward backward(Tensor outputGradient) {
    OpenStep step = requireOpen();
    long start = nanoTime.getAsLong();
    try {
      Shape shape = step.output().getShape();
      if (!Arrays.equals(shape.getShape(), outputGradient.shape())) {
        throw new IllegalArgumentException(
            "the gradient must have the shape of the output, "
                + Arrays.toString(shape.getShape())
                + ", was "
                + outputGradient);
      }
      NDArray gradient =
          step.manager().create(outputGradient.data(), new Shape(outputGradient.shape()));
      step.collector().backward(step.output().mul(gradient).sum());
      return finish(step, start);
    } finally {
      close(step);
    }
  }

  /**
   * Closes the step of the segment with the last layer: mean softmax cross-entropy, backward and
   * update.
   *
   * @param labels one class for each sample of the batch
   */
  public Loss lossAndBackward(int[] labels) {
    OpenStep step = requireOpen();
    long start = nanoTime.getAsLong();
    try {
      NDArray target = step.manager().create(oneHot(labels, step), step.output().getShape());
      NDArray loss = step.output().logSoftmax(1).mul(target).sum().div(labels.length).neg();
      step.collector().backward(loss);
      double value = loss.getFloat();
      Backward backward = finish(step, start);
      return new Loss(value, backward.inputGradient(), backward.gradientNorm(), backward.nanos());
    } finally {
      close(step);
    }
  }

  private float[] oneHot(int[] labels, OpenStep step) {
    long batch = step.output().getShape().get(0);
    if (lastLayer() != model.layers().size() - 1 || labels.length != batch) {
      throw new IllegalArgumentException(
          "a loss needs the last layer of the model and "
              + batch
              + " labels, was layer "
              + lastLayer()
              + " and "
              + labels.length
              + " labels");
    }
    float[] oneHot = new float[labels.length * ModelDefinition.CLASSES];
    for (int i = 0; i < labels.length; i++) {
      if (labels[i] < 0 || labels[i] >= ModelDefinition.CLASSES) {
        throw new IllegalArgumentException(
            "labels must be 0 to " + (ModelDefinition.CLASSES - 1) + ", was " + labels[i]);
      }
      oneHot[i * ModelDefinition.CLASSES + labels[i]] = 1;
    }
    return oneHot;
  }

  private Backward finish(OpenStep step, long start) {
    Tensor inputGradient = null;
    if (firstLayer() > 0) {
      NDArray gradient = step.input().getGradient();
      gradient.attach(step.manager());
      inputGradient = TrainedLayer.tensor(gradient);
    }
    step.collector().close();
    double squares = 0;
    for (TrainedLayer layer : layers.values()) {
      squares += layer.update(step.manager());
    }
    return new Backward(inputGradient, Math.sqrt(squares), nanoTime.getAsLong() - start);
  }

  /** Drops an open forward pass; parameters stay as they are. */
  public void abandonStep() {
    if (open != null) {
      close(open);
    }
  }

  private void close(OpenStep step) {
    open = null;
    step.collector().close();
    step.manager().close();
  }

  /** The state of held layers, as of the last update. */
  public List<LayerState> export(int firstLayer, int lastLayer) {
    requireClosed();
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

  @Override
  public void close() {
    abandonStep();
    manager.close();
  }

  private void requireClosed() {
    if (open != null) {
      throw new IllegalStateException("a step is open: give it its gradient, or abandon it");
    }
  }

  private void requireOneRun() {
    if (layers.isEmpty() || lastLayer() - firstLayer() + 1 != layers.size()) {
      throw new IllegalStateException(
          "a segment is one run of layers, held are " + layers.keySet() + ": retain one run");
    }
  }

  private OpenStep requireOpen() {
    if (open == null) {
      throw new IllegalStateException("no step is open: run forward first");
    }
    return open;
  }
}
