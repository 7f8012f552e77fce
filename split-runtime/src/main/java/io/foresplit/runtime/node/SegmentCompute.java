package io.foresplit.runtime.node;

import io.foresplit.runtime.tensor.LayerState;
import io.foresplit.runtime.tensor.Tensor;
import java.util.List;
import java.util.Optional;

/**
 * The mathematics of a segment: a run of layers and their optimiser. Called by one thread alone,
 * the compute thread of the node. A step is {@link #forward}, then {@link #backward} or, when the
 * segment has the last layer, {@link #lossAndBackward}; both update the parameters.
 */
public interface SegmentCompute extends AutoCloseable {
  /** Builds layers as they are before the first step, the same on whichever node. */
  void initialise(int firstLayer, int lastLayer);

  /** Throws {@link IllegalArgumentException} when a state does not fit its layer of the model. */
  void check(LayerState state);

  /** Adds layers with their state; together with those here they must be one run. */
  void install(List<LayerState> states);

  /** Forgets all layers but these; none when the last is before the first. */
  void retain(int firstLayer, int lastLayer);

  /** All that the next step of these layers depends on. */
  List<LayerState> export(int firstLayer, int lastLayer);

  Output forward(Tensor input);

  Backward backward(Tensor outputGradient);

  Loss lossAndBackward(int[] labels);

  @Override
  void close();

  /** What the segment gives, and mean and variance of it over the batch. */
  record Output(Tensor output, double mean, double variance) {}

  /** The gradient for the segment before; empty when there is none. Norm of the parameters'. */
  record Backward(Optional<Tensor> inputGradient, double gradientNorm) {}

  /** Loss of the mini-batch in nats, and what {@link Backward} says. */
  record Loss(double loss, Backward backward) {}
}
