package io.foresplit.runtime.tensor;

import io.foresplit.contract.LayerProfile;
import io.foresplit.runtime.tensor.LayerDefinition.Conv;
import io.foresplit.runtime.tensor.LayerDefinition.Dense;
import io.foresplit.runtime.tensor.LayerDefinition.GlobalMean;
import io.foresplit.runtime.tensor.LayerDefinition.Parameter;
import io.foresplit.runtime.tensor.LayerDefinition.Residual;
import java.util.List;

/** A network for images of 1 × 28 × 28 and ten classes, as a chain of layers. Immutable. */
public record ModelDefinition(String name, List<LayerDefinition> layers) {
  /** Operations per second of a node with speed 1. */
  public static final double REFERENCE_FLOPS = 1e9;

  /** Backward computes the gradient of the input and of the parameters. */
  private static final double BACKWARD_FACTOR = 2;

  public static final int CLASSES = 10;
  private static final int PIXELS = 28 * 28;

  private static final List<ModelDefinition> KNOWN =
      List.of(
          new ModelDefinition(
              "mlp",
              List.of(
                  new Dense("fc1", 784, 128, true),
                  new Dense("fc2", 128, 64, true),
                  new Dense("fc3", 64, CLASSES, false))),
          // after LeCun et al., "Gradient-based learning applied to document recognition", 1998
          new ModelDefinition(
              "lenet",
              List.of(
                  new Conv("conv1", 1, 6, 5, 2, 28, 2),
                  new Conv("conv2", 6, 16, 5, 0, 10, 2),
                  new Dense("fc1", 400, 120, true),
                  new Dense("fc2", 120, 84, true),
                  new Dense("fc3", 84, CLASSES, false))),
          new ModelDefinition(
              "rescnn",
              List.of(
                  new Conv("conv1", 1, 8, 3, 1, 28, 2),
                  new Residual("res1", 8, 8, 1, 14),
                  new Residual("res2", 8, 16, 2, 7),
                  new Residual("res3", 16, 16, 1, 7),
                  new GlobalMean("mean", 16, 7),
                  new Dense("fc", 16, CLASSES, false))));

  public ModelDefinition {
    layers = List.copyOf(layers);
  }

  /** Elements of one sample of a layer's input. */
  long inputElements(int layer) {
    return layer == 0 ? PIXELS : layers.get(layer - 1).outputElements();
  }

  /** A model the runtime can train. */
  public static ModelDefinition named(String name) {
    return KNOWN.stream()
        .filter(m -> m.name.equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "model must be one of "
                        + KNOWN.stream().map(ModelDefinition::name).toList()
                        + ", was '"
                        + name
                        + "'"));
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
                  layer.outputElements() * batchSize * Float.BYTES,
                  parameters * Float.BYTES);
            })
        .toList();
  }
}
