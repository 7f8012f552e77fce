package io.foresplit.runtime.plan;

/**
 * Sizes of one layer for one mini-batch, in bytes.
 *
 * @param output activation sent once over each link that the layer's output crosses
 * @param gradient of the output, sent back over the same links; 0 when there is none
 * @param parameters parameters alone
 * @param optimiser the update rule's moments
 * @param activation what the forward pass keeps for the backward pass
 */
public record LayerBytes(
    long output, long gradient, long parameters, long optimiser, long activation) {
  /** A petabyte: sums of layers stay exact. */
  static final long MAX = 1_000_000_000_000_000L;

  public LayerBytes {
    require("outputBytes", output);
    require("gradientBytes", gradient);
    require("parameterBytes", parameters);
    require("optimiserBytes", optimiser);
    require("activationBytes", activation);
  }

  /** Memory while training: parameters and their gradients, moments, kept activations. */
  public double memory() {
    return 2.0 * parameters + optimiser + activation;
  }

  /** What moves with the layer: parameters and moments. */
  public double state() {
    return (double) parameters + optimiser;
  }

  private static void require(String what, long value) {
    if (value < 0 || value > MAX) {
      throw new IllegalArgumentException(what + " must be 0 to " + MAX + ", was " + value);
    }
  }
}
