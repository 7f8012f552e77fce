package io.foresplit.runtime.tensor;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Trains a run of layers: forward, wait for the gradient of the output, backward, update. A step
 * may have several passes: each is open from its forward to its backward pass, their order does not
 * matter, and one update ends the step (docs/adr/0005). Not thread-safe; passes of several trainers
 * in a JVM take turns. Tensors are computed on one thread, so results do not depend on the
 * machine's load.
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
   * @param loss mean cross-entropy of the batch's labels, nats
   */
  public record Loss(
      double loss, @Nullable Tensor inputGradient, double gradientNorm, long nanos) {}

  /**
   * Loss and backward pass of the last segment, before the update.
   *
   * @param loss mean cross-entropy of the pass's labels, nats
   */
  public record PassLoss(double loss, @Nullable Tensor inputGradient) {}

  private final ModelDefinition model;
  private final Optimiser optimiser;
  private final long seed;
  private final LongSupplier nanoTime;
  private final NDManager manager;
  private final boolean owner;
  private final HeldLayers layers;
  private List<LayerRun> recording = List.of();
  private final TreeMap<Integer, StepGraph> open = new TreeMap<>();
  private final PassGradients gradients;
  private @Nullable StepGraph last;

  /**
   * @param seed of the initial weights
   * @param nanoTime for measuring compute time
   */
  public SegmentTrainer(
      ModelDefinition model, Optimiser optimiser, long seed, LongSupplier nanoTime) {
    this(model, optimiser, seed, nanoTime, NDManager.newBaseManager(Device.cpu()), true);
  }

  private SegmentTrainer(
      ModelDefinition model,
      Optimiser optimiser,
      long seed,
      LongSupplier nanoTime,
      NDManager manager,
      boolean owner) {
    this.model = model;
    this.optimiser = optimiser;
    this.seed = seed;
    this.nanoTime = nanoTime;
    this.manager = manager;
    this.owner = owner;
    layers = new HeldLayers(model, optimiser, seed, manager);
    gradients = new PassGradients(manager, layers.all().values());
  }

  /**
   * A trainer of other layers beside this one, which replays steps that another node does with
   * them, also while a step is open here. It is closed before this one, or adopted.
   */
  public SegmentTrainer replica(List<LayerState> states) {
    SegmentTrainer replica = new SegmentTrainer(model, optimiser, seed, nanoTime, manager, false);
    replica.install(states);
    return replica;
  }

  /** Takes over a replica's layers, which leaves it without any. */
  public void adopt(SegmentTrainer replica) {
    requireClosed();
    replica.requireClosed();
    layers.adopt(replica.layers);
  }

  /**
   * From the next step on keeps what goes into these runs of layers and what comes back to them, of
   * the last step alone. Losses and parameters are the same as without.
   *
   * @param runs each within the segment; none to end it
   */
  public void record(Collection<LayerRun> runs) {
    recording = List.copyOf(runs);
  }

  /** The input of each run that the last step records. */
  public Map<LayerRun, Tensor> recordedInputs() {
    return last == null ? Map.of() : last.inputs();
  }

  /** The gradient of the output of each run that the last step records, once it is done. */
  public Map<LayerRun, Tensor> recordedGradients() {
    return last == null ? Map.of() : last.gradients();
  }

  /** Starts layers afresh; their weights depend on seed and layer alone. */
  public void initialise(int firstLayer, int lastLayer) {
    requireClosed();
    layers.initialise(firstLayer, lastLayer);
  }

  /**
   * Refuses a state that {@link #install} would refuse. Changes nothing, and needs no native
   * memory.
   *
   * @throws IllegalArgumentException in one line, which names the layer
   */
  public void check(LayerState state) {
    layers.check(state);
  }

  /** Takes over layers; nothing changes when one of the states does not fit the model. */
  public void install(List<LayerState> states) {
    requireClosed();
    layers.install(states);
  }

  /** Drops all other layers; {@code -1, -1} drops all. */
  public void retain(int firstLayer, int lastLayer) {
    requireClosed();
    layers.retain(firstLayer, lastLayer);
  }

  /** Index of the first layer held, or -1. */
  public int firstLayer() {
    return layers.first();
  }

  /** Index of the last layer held, or -1. */
  public int lastLayer() {
    return layers.last();
  }

  /**
   * Runs the segment forward and keeps the step, of one pass, open for its gradient.
   *
   * @param input activation of the layer before, batch first
   */
  public Forward forward(Tensor input) {
    requireClosed();
    return forward(0, input);
  }

  /** Runs the segment forward and keeps a pass of the step open for its gradient. */
  public Forward forward(int pass, Tensor input) {
    if (open.containsKey(pass) || gradients.has(pass)) {
      throw new IllegalStateException("pass " + pass + " has had its forward pass in this step");
    }
    layers.requireOneRun();
    model.layers().get(firstLayer()).check(input);
    long start = nanoTime.getAsLong();
    StepGraph graph =
        StepGraph.forward(
            manager.newSubManager(), layers.all(), input, recording, model.layers().size());
    open.put(pass, graph);
    last = graph;
    Tensor output = TrainedLayer.tensor(graph.output());
    long nanos = nanoTime.getAsLong() - start;
    return new Forward(output, output.mean(), output.variance(), nanos);
  }

  /**
   * Closes a step of one pass: vector-Jacobian product with the gradient of the output, then the
   * update.
   *
   * @param outputGradient of the shape of the output
   */
  public Backward backward(Tensor outputGradient) {
    long start = nanoTime.getAsLong();
    Tensor inputGradient = backward(requireOnePass(), outputGradient);
    return updated(inputGradient, start);
  }

  /**
   * Closes a pass, whose gradients are kept for the update of the step.
   *
   * @return the gradient of the input; null at the first layer of the model
   */
  public @Nullable Tensor backward(int pass, Tensor outputGradient) {
    StepGraph graph = requireOpen(pass);
    try {
      Shape shape = graph.output().getShape();
      if (!Arrays.equals(shape.getShape(), outputGradient.shape())) {
        throw new IllegalArgumentException(
            "the gradient must have the shape of the output, "
                + Arrays.toString(shape.getShape())
                + ", was "
                + outputGradient);
      }
      NDArray gradient =
          graph.manager().create(outputGradient.data(), new Shape(outputGradient.shape()));
      gradients.before();
      Tensor inputGradient = graph.backward(x -> x.mul(gradient).sum(), outputGradient);
      gradients.of(pass);
      return inputGradient;
    } finally {
      close(pass);
    }
  }

  /**
   * Closes the step, of one pass, of the segment with the last layer: mean softmax cross-entropy,
   * backward and update.
   *
   * @param labels a class for each sample of the batch, or for each position of each, in order
   * @throws ArithmeticException when the loss is not finite; parameters stay as they are
   */
  public Loss lossAndBackward(int[] labels) {
    long start = nanoTime.getAsLong();
    PassLoss pass = lossAndBackward(requireOnePass(), labels);
    Backward backward = updated(pass.inputGradient(), start);
    return new Loss(
        pass.loss(), backward.inputGradient(), backward.gradientNorm(), backward.nanos());
  }

  /** Closes a pass of the segment with the last layer; its gradients are kept for the update. */
  public PassLoss lossAndBackward(int pass, int[] labels) {
    StepGraph graph = requireOpen(pass);
    try {
      CrossEntropy loss = new CrossEntropy(model, lastLayer(), labels, graph);
      gradients.before();
      Tensor inputGradient = graph.backward(loss, null);
      gradients.of(pass);
      return new PassLoss(loss.value(), inputGradient);
    } finally {
      close(pass);
    }
  }

  /**
   * Ends a step: one update by the mean of its passes' gradients, summed in the order of the passes
   * whatever the order in which they came.
   *
   * @param samples of each pass that has had its backward pass, by which it counts
   * @return L2 norm of the gradient over the segment's parameters
   */
  public double update(SortedMap<Integer, Integer> samples) {
    requireNonePending();
    try (NDManager step = manager.newSubManager()) {
      gradients.merge(samples, step);
      double squares = 0;
      for (TrainedLayer layer : layers.all().values()) {
        squares += layer.update(step);
      }
      return Math.sqrt(squares);
    }
  }

  private Backward updated(@Nullable Tensor inputGradient, long start) {
    double norm = update(new TreeMap<>(Map.of(0, 1)));
    return new Backward(inputGradient, norm, nanoTime.getAsLong() - start);
  }

  /** Gives a pass up that is open or has come back; nothing if it is not here. */
  public void drop(int pass) {
    if (open.containsKey(pass)) {
      close(pass);
    }
    gradients.drop(pass);
  }

  /** Drops open passes and the gradients of the others; parameters stay as they are. */
  public void abandonStep() {
    List.copyOf(open.keySet()).forEach(this::close);
    gradients.clear();
  }

  private void close(int pass) {
    StepGraph graph = open.remove(pass);
    if (graph != null) {
      graph.close();
    }
  }

  /** The state of held layers, as of the last update. */
  public List<LayerState> export(int firstLayer, int lastLayer) {
    requireClosed();
    return layers.export(firstLayer, lastLayer);
  }

  @Override
  public void close() {
    abandonStep();
    layers.close();
    if (owner) {
      manager.close();
    }
  }

  private void requireClosed() {
    requireNonePending();
    if (!gradients.isEmpty()) {
      throw new IllegalStateException("a step is open: update, or abandon it");
    }
  }

  private void requireNonePending() {
    if (!open.isEmpty()) {
      throw new IllegalStateException("a step is open: give it its gradient, or abandon it");
    }
  }

  private int requireOnePass() {
    requireOpen(0);
    if (open.size() > 1 || !gradients.isEmpty()) {
      throw new IllegalStateException("the step has several passes: update it when all are back");
    }
    return 0;
  }

  private StepGraph requireOpen(int pass) {
    StepGraph graph = open.get(pass);
    if (graph == null) {
      throw new IllegalStateException("no step is open: run forward first");
    }
    return graph;
  }
}
