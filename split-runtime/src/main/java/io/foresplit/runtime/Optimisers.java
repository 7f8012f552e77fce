package io.foresplit.runtime;

import io.foresplit.runtime.proto.OptimiserSpec;
import io.foresplit.runtime.tensor.Optimiser;
import java.util.Map;

/** Update rules on the wire and on disk. */
public final class Optimisers {
  private static final String SGD = "sgd-momentum";
  private static final String ADAM = "adam";

  private Optimisers() {}

  /** The message of an update rule. */
  public static OptimiserSpec encode(Optimiser optimiser) {
    if (optimiser instanceof Optimiser.Adam adam) {
      return spec(
          ADAM,
          Map.of(
              "learningRate", adam.learningRate(),
              "beta1", adam.beta1(),
              "beta2", adam.beta2(),
              "epsilon", adam.epsilon()));
    }
    Optimiser.SgdMomentum sgd = (Optimiser.SgdMomentum) optimiser;
    return spec(SGD, Map.of("learningRate", sgd.learningRate(), "momentum", sgd.momentum()));
  }

  /** The update rule in a message. */
  public static Optimiser decode(OptimiserSpec spec) {
    return switch (spec.getKind()) {
      case SGD -> new Optimiser.SgdMomentum(get(spec, "learningRate"), get(spec, "momentum"));
      case ADAM ->
          new Optimiser.Adam(
              get(spec, "learningRate"),
              get(spec, "beta1"),
              get(spec, "beta2"),
              get(spec, "epsilon"));
      default ->
          throw new IllegalArgumentException(
              "optimiser must be " + SGD + " or " + ADAM + ", was '" + spec.getKind() + "'");
    };
  }

  private static OptimiserSpec spec(String kind, Map<String, Double> parameters) {
    return OptimiserSpec.newBuilder().setKind(kind).putAllParameters(parameters).build();
  }

  private static double get(OptimiserSpec spec, String name) {
    return spec.getParametersOrDefault(name, Double.NaN);
  }
}
