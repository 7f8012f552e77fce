package io.foresplit.runtime.node;

import io.foresplit.runtime.tensor.ModelDefinition;
import io.foresplit.runtime.tensor.SegmentTrainer;

/** Real tensors of a model of the test's own. */
public final class TensorComputes {
  private TensorComputes() {}

  /** The mathematics of a model, not warmed up. */
  public static NodeEnvironment.Computes of(ModelDefinition model) {
    return (job, optimiser, seed) ->
        new TensorCompute(new SegmentTrainer(model, optimiser, seed, System::nanoTime));
  }
}
