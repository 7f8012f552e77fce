package io.foresplit.contract.jobfile;

import java.util.List;

/**
 * The update rule a job file asks for.
 *
 * @param name {@link #SGD_MOMENTUM} or {@link #ADAM}
 * @param learningRate positive
 */
public record OptimiserSpec(String name, double learningRate) {
  public static final String SGD_MOMENTUM = "sgd-momentum";
  public static final String ADAM = "adam";

  static final List<String> NAMES = List.of(SGD_MOMENTUM, ADAM);

  public OptimiserSpec {
    if (!NAMES.contains(name)) {
      throw new IllegalArgumentException(
          "optimiser must be one of " + NAMES + ", was '" + name + "'");
    }
    if (!(learningRate > 0 && learningRate < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "learningRate must be positive and finite, was " + learningRate);
    }
  }
}
