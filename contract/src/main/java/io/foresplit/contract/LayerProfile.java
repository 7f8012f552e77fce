package io.foresplit.contract;

/**
 * Cost of one layer for one mini-batch.
 *
 * @param forwardSeconds compute at speed 1
 * @param backwardSeconds backward compute and optimiser at speed 1
 * @param outputBytes the activation sent when the model is cut after this layer; its gradient is as
 *     large
 * @param parameterBytes parameters alone, without optimiser moments
 */
public record LayerProfile(
    String name,
    double forwardSeconds,
    double backwardSeconds,
    long outputBytes,
    long parameterBytes) {
  public LayerProfile {
    Names.require("layer name", name);
    requireFinite("forwardSeconds", forwardSeconds);
    requireFinite("backwardSeconds", backwardSeconds);
    if (outputBytes <= 0) {
      throw new IllegalArgumentException("outputBytes must be positive, was " + outputBytes);
    }
    if (parameterBytes < 0) {
      throw new IllegalArgumentException(
          "parameterBytes must not be negative, was " + parameterBytes);
    }
  }

  private static void requireFinite(String what, double value) {
    if (!(value >= 0 && value < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(what + " must be finite and at least 0, was " + value);
    }
  }
}
