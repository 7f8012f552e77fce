package io.foresplit.runtime.node;

import io.foresplit.runtime.tensor.LayerRun;
import io.foresplit.runtime.tensor.Tensor;
import java.util.Map;

/**
 * Is told, on the compute thread, what recorded runs of layers take and get in each step: first the
 * inputs, then, once the step is done here, the gradients of the outputs.
 */
interface StepTap {
  void inputs(long step, Map<LayerRun, Tensor> inputs);

  void gradients(long step, Map<LayerRun, Tensor> gradients);

  /** Lets everything pass. */
  static StepTap none() {
    return new StepTap() {
      @Override
      public void inputs(long step, Map<LayerRun, Tensor> inputs) {}

      @Override
      public void gradients(long step, Map<LayerRun, Tensor> gradients) {}
    };
  }
}
