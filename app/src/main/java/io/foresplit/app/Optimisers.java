package io.foresplit.app;

import io.foresplit.contract.jobfile.OptimiserSpec;
import io.foresplit.runtime.tensor.Optimiser;

/** The update rule a job file asks for, with the usual constants. */
final class Optimisers {
  private Optimisers() {}

  static Optimiser of(OptimiserSpec spec) {
    return spec.name().equals(OptimiserSpec.ADAM)
        ? new Optimiser.Adam(spec.learningRate(), 0.9, 0.999, 1e-8)
        : new Optimiser.SgdMomentum(spec.learningRate(), 0.9);
  }
}
