package io.foresplit.runtime.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;

/** A layer's parameters and moments in native memory. Not thread-safe. */
final class TrainedLayer implements AutoCloseable {
  private final int index;
  private final LayerDefinition definition;
  private final Optimiser optimiser;
  private final NDManager manager;
  private final Map<String, NDArray> parameters = new LinkedHashMap<>();
  private final Map<String, NDArray> moments = new LinkedHashMap<>();
  private long steps;

  private TrainedLayer(
      int index, LayerDefinition definition, Optimiser optimiser, NDManager parent, long steps) {
    this.index = index;
    this.definition = definition;
    this.optimiser = optimiser;
    this.manager = parent.newSubManager();
    this.steps = steps;
  }

  /** Initial parameters, a function of seed and layer alone, and moments of zero. */
  static TrainedLayer initial(
      int index, LayerDefinition definition, Optimiser optimiser, NDManager parent, long seed) {
    SplittableRandom random = new SplittableRandom(seed * 1_000_003 + index);
    SortedMap<String, Tensor> arrays = new TreeMap<>();
    for (Parameter parameter : definition.parameters()) {
      float[] values = new float[Math.toIntExact(parameter.elements())];
      Arrays.fill(values, (float) parameter.start());
      if (parameter.spread() > 0) {
        for (int i = 0; i < values.length; i++) {
          values[i] = (float) (parameter.start() + parameter.spread() * random.nextGaussian());
        }
      }
      arrays.put(parameter.name(), new Tensor(values, shape(parameter)));
      for (String moment : momentNames(parameter, optimiser)) {
        arrays.put(moment, new Tensor(new float[values.length], shape(parameter)));
      }
    }
    return of(new LayerState(index, 0, arrays), definition, optimiser, parent);
  }

  /** Puts a state into native memory, after checking that it is one of this layer. */
  static TrainedLayer of(
      LayerState state, LayerDefinition definition, Optimiser optimiser, NDManager parent) {
    check(state, definition, optimiser);
    TrainedLayer layer =
        new TrainedLayer(state.layer(), definition, optimiser, parent, state.steps());
    for (Parameter parameter : definition.parameters()) {
      layer.parameters.put(parameter.name(), layer.array(state, parameter.name()));
      for (String moment : momentNames(parameter, optimiser)) {
        layer.moments.put(moment, layer.array(state, moment));
      }
    }
    layer.parameters.values().forEach(p -> p.setRequiresGradient(true));
    return layer;
  }

  private NDArray array(LayerState state, String name) {
    Tensor tensor = Objects.requireNonNull(state.arrays().get(name), name);
    return manager.create(tensor.data(), new Shape(tensor.shape()));
  }

  /** The arrays a layer's state has, by name: its parameters and the optimiser's moments. */
  static SortedMap<String, List<Long>> arrays(LayerDefinition definition, Optimiser optimiser) {
    SortedMap<String, List<Long>> arrays = new TreeMap<>();
    for (Parameter parameter : definition.parameters()) {
      arrays.put(parameter.name(), parameter.shape());
      momentNames(parameter, optimiser).forEach(name -> arrays.put(name, parameter.shape()));
    }
    return arrays;
  }

  /** Refuses a state that has not exactly the layer's parameters and the optimiser's moments. */
  static void check(LayerState state, LayerDefinition definition, Optimiser optimiser) {
    SortedMap<String, List<Long>> expected = arrays(definition, optimiser);
    state
        .arrays()
        .forEach(
            (name, tensor) -> {
              List<Long> shape = expected.get(name);
              if (shape != null && !shape.equals(Arrays.stream(tensor.shape()).boxed().toList())) {
                throw new IllegalArgumentException(
                    "state of layer "
                        + definition.name()
                        + " must have "
                        + name
                        + " of shape "
                        + shape
                        + ", was "
                        + tensor);
              }
            });
    if (!state.arrays().keySet().equals(expected.keySet())) {
      throw new IllegalArgumentException(
          "state of layer "
              + definition.name()
              + " must have the arrays "
              + expected.keySet()
              + ", was "
              + state.arrays().keySet());
    }
  }

  private static List<String> momentNames(Parameter parameter, Optimiser optimiser) {
    return optimiser instanceof Optimiser.Adam
        ? List.of(parameter.name() + ".m", parameter.name() + ".v")
        : List.of(parameter.name() + ".momentum");
  }

  private static long[] shape(Parameter parameter) {
    return parameter.shape().stream().mapToLong(Long::longValue).toArray();
  }

  int index() {
    return index;
  }

  NDArray forward(NDArray input) {
    return LayerMath.forward(definition, input, parameters);
  }

  /** Copies the gradients of the last backward pass, and clears them. */
  Map<String, NDArray> takeGradients(NDManager into) {
    Map<String, NDArray> taken = new LinkedHashMap<>();
    parameters.forEach(
        (name, parameter) -> {
          NDArray gradient = owned(parameter.getGradient(), into);
          taken.put(name, owned(gradient.duplicate(), into));
          gradient.subi(gradient);
        });
    return taken;
  }

  /** Adds to the gradients that the next update takes. */
  void addGradients(Map<String, NDArray> gradients, float weight, NDManager step) {
    gradients.forEach(
        (name, gradient) -> {
          NDArray parameter = Objects.requireNonNull(parameters.get(name), name);
          owned(parameter.getGradient(), step).addi(owned(gradient.mul(weight), step));
        });
  }

  /**
   * Takes one optimiser step from the gradients of the last backward pass; the collector is closed.
   *
   * @param step manager of this step, closed after it
   * @return sum of squares of the gradient
   */
  double update(NDManager step) {
    steps++;
    double squares = 0;
    for (var entry : parameters.entrySet()) {
      NDArray gradient = entry.getValue().getGradient();
      gradient.attach(step);
      NDArray square = gradient.square();
      squares += square.sum().getFloat();
      apply(entry.getKey(), entry.getValue(), gradient, step);
      // the engine adds to gradients: opening a collector clears only those of its own manager
      gradient.subi(gradient);
    }
    return squares;
  }

  private void apply(String name, NDArray parameter, NDArray gradient, NDManager step) {
    if (optimiser instanceof Optimiser.SgdMomentum sgd) {
      NDArray momentum = moment(name + ".momentum");
      momentum.muli((float) sgd.momentum()).addi(gradient);
      values(parameter, step).subi(owned(momentum.mul((float) sgd.learningRate()), step));
    } else if (optimiser instanceof Optimiser.Adam adam) {
      NDArray m = moment(name + ".m");
      NDArray v = moment(name + ".v");
      m.muli((float) adam.beta1()).addi(gradient.mul((float) (1 - adam.beta1())));
      v.muli((float) adam.beta2()).addi(gradient.square().mul((float) (1 - adam.beta2())));
      double rate = adam.learningRate() / (1 - Math.pow(adam.beta1(), (double) steps));
      NDArray unbiased = owned(v.div((float) (1 - Math.pow(adam.beta2(), (double) steps))), step);
      NDArray scale = unbiased.sqrt().add((float) adam.epsilon());
      values(parameter, step).subi(owned(m.mul((float) rate), step).div(scale));
    }
  }

  /** The same memory without a graph: what the engine lets a thread do does not matter then. */
  private static NDArray values(NDArray parameter, NDManager step) {
    return owned(parameter.stopGradient(), step);
  }

  private NDArray moment(String name) {
    NDArray moment = moments.get(name);
    if (moment == null) {
      throw new IllegalStateException("layer " + definition.name() + " has no moment " + name);
    }
    return moment;
  }

  /** Results belong to the manager of their first operand, which lives on: hand them over. */
  private static NDArray owned(NDArray array, NDManager step) {
    array.attach(step);
    return array;
  }

  LayerState state() {
    SortedMap<String, Tensor> arrays = new TreeMap<>();
    parameters.forEach((name, array) -> arrays.put(name, tensor(array)));
    moments.forEach((name, array) -> arrays.put(name, tensor(array)));
    return new LayerState(index, steps, arrays);
  }

  static Tensor tensor(NDArray array) {
    return new Tensor(array.toFloatArray(), array.getShape().getShape());
  }

  @Override
  public void close() {
    manager.close();
  }
}
