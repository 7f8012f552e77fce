package io.foresplit.runtime.tensor;

/** The update rule. Its moments are part of a layer's state, so they move with the layer. */
public sealed interface Optimiser {
  double learningRate();

  /**
   * Stochastic gradient descent: {@code m = momentum·m + g; w -= learningRate·m}.
   *
   * @param momentum in [0, 1)
   */
  record SgdMomentum(double learningRate, double momentum) implements Optimiser {
    public SgdMomentum {
      requirePositive("learningRate", learningRate);
      requireShare("momentum", momentum);
    }
  }

  /** Adam (Kingma and Ba, 2015, algorithm 1), with bias correction. */
  record Adam(double learningRate, double beta1, double beta2, double epsilon)
      implements Optimiser {
    public Adam {
      requirePositive("learningRate", learningRate);
      requireShare("beta1", beta1);
      requireShare("beta2", beta2);
      requirePositive("epsilon", epsilon);
    }
  }

  private static void requirePositive(String what, double value) {
    if (!(value > 0 && value < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(what + " must be positive and finite, was " + value);
    }
  }

  private static void requireShare(String what, double value) {
    if (!(value >= 0 && value < 1)) {
      throw new IllegalArgumentException(what + " must be in [0, 1), was " + value);
    }
  }
}
