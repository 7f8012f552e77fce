package io.foresplit.runtime.tensor;

import io.foresplit.contract.LayerProfile;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** A network as a chain of layers, the last of which gives logits. Immutable. */
public record ModelDefinition(String name, List<LayerDefinition> layers) {
  /** Operations per second of a node with speed 1. */
  public static final double REFERENCE_FLOPS = 1e9;

  /** Backward computes the gradient of the input and of the parameters. */
  private static final double BACKWARD_FACTOR = 2;

  public ModelDefinition {
    layers = List.copyOf(layers);
    for (int i = 1; i < layers.size(); i++) {
      if (layers.get(i).input().elements() != layers.get(i - 1).output().elements()) {
        throw new IllegalArgumentException(
            "layer "
                + layers.get(i).name()
                + " takes "
                + layers.get(i).input()
                + ", and the layer before gives "
                + layers.get(i - 1).output());
      }
    }
  }

  /** A layer that is still to learn the shape of its input. */
  interface Link extends Function<SampleShape, LayerDefinition> {}

  /** A chain in which each layer takes what the one before gives. */
  static ModelDefinition chain(String name, SampleShape input, List<Link> links) {
    List<LayerDefinition> layers = new ArrayList<>();
    SampleShape shape = input;
    for (Link link : links) {
      LayerDefinition layer = link.apply(shape);
      layers.add(layer);
      shape = layer.output();
    }
    return new ModelDefinition(name, layers);
  }

  /**
   * A model the runtime can train.
   *
   * @throws IllegalArgumentException which names those there are
   */
  public static ModelDefinition named(String name) {
    return Models.named(name);
  }

  /** What the first layer takes. */
  public SampleShape input() {
    return layers.get(0).input();
  }

  /** Whether samples are runs of symbols, not images. */
  public boolean readsText() {
    return layers.get(0) instanceof TextLayer;
  }

  /** Among how many classes the logits choose. */
  public int classes() {
    return layers.get(layers.size() - 1).output().length(-1);
  }

  /** How many labels a sample has: one, or one for each position of a text. */
  public int labelsPerSample() {
    return Math.toIntExact(layers.get(layers.size() - 1).output().elements() / classes());
  }

  /** Operations of one forward and backward pass for one sample. */
  public double stepFlops() {
    return (1 + BACKWARD_FACTOR) * layers.stream().mapToDouble(LayerDefinition::forwardFlops).sum();
  }

  /**
   * What each layer costs, from its arithmetic: seconds are operations over {@link
   * #REFERENCE_FLOPS}, bytes are of 32-bit floats.
   */
  public List<LayerProfile> profile(int batchSize) {
    return layers.stream()
        .map(
            layer -> {
              double forward = layer.forwardFlops() * batchSize / REFERENCE_FLOPS;
              long parameters = layer.parameters().stream().mapToLong(Parameter::elements).sum();
              return new LayerProfile(
                  layer.name(),
                  forward,
                  BACKWARD_FACTOR * forward,
                  layer.output().elements() * batchSize * Float.BYTES,
                  parameters * Float.BYTES);
            })
        .toList();
  }

  /**
   * Bytes of a layer's encoded {@link LayerState}, which is what a move of it sends: parameters,
   * the optimiser's moments and their names.
   */
  public long stateBytes(int layer, Optimiser optimiser) {
    return LayerState.encodedBytes(TrainedLayer.arrays(layers.get(layer), optimiser));
  }
}
