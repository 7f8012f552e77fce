package io.foresplit.runtime.node;

import io.foresplit.runtime.tensor.LayerRun;
import io.foresplit.runtime.tensor.LayerState;
import io.foresplit.runtime.tensor.Tensor;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;

/**
 * The mathematics of a segment: a run of layers and their optimiser. Called by one thread alone,
 * the compute thread of the node. A step has one or several passes, each {@link #forward}, then
 * {@link #backward} or, when the segment has the last layer, {@link #lossAndBackward}; then {@link
 * #update} ends it. Passes may overlap, and their order changes nothing.
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

  /**
   * From the next step on keeps what goes into these runs of layers and what comes back to them, of
   * the last step alone; nothing else changes by it.
   *
   * @param runs each within the segment; none to end it
   */
  void record(Collection<LayerRun> runs);

  /** The input of each run that the last step records. */
  Map<LayerRun, Tensor> recordedInputs();

  /** The gradient of the output of each run that the last step records, once it is done. */
  Map<LayerRun, Tensor> recordedGradients();

  /** Builds layers beside the segment. */
  Replica replica(List<LayerState> states);

  /** Makes a replica's layers part of the segment; together they must be one run. */
  void adopt(Replica replica);

  /** Drops all passes of the step that is open, if one is; parameters stay as they are. */
  void abandon();

  Output forward(int pass, Tensor input);

  /** The gradient for the segment before; empty when there is none. */
  Optional<Tensor> backward(int pass, Tensor outputGradient);

  Loss lossAndBackward(int pass, int[] labels);

  /**
   * One update by the mean of the passes' gradients, summed in the order of the passes.
   *
   * @param samples of each pass of the step, by which it counts
   * @return L2 norm of the parameters' gradient
   */
  double update(SortedMap<Integer, Integer> samples);

  /** Gives a pass up; nothing if it is not here. */
  void drop(int pass);

  @Override
  void close();

  /**
   * Layers beside the segment, which repeat the steps that another node does with them. Steps of
   * the segment may be open meanwhile. Confined to the compute thread.
   */
  interface Replica extends AutoCloseable {
    /**
     * Repeats a step.
     *
     * @param input of the first layer
     * @param outputGradient of the last layer's output
     * @return what a backward pass says
     */
    Backward replay(Tensor input, Tensor outputGradient);

    /** All that the next step of the layers depends on. */
    List<LayerState> export();

    @Override
    void close();
  }

  /** What the segment gives, and mean and variance of it over the batch. */
  record Output(Tensor output, double mean, double variance) {}

  /** The gradient for the segment before; empty when there is none. Norm of the parameters'. */
  record Backward(Optional<Tensor> inputGradient, double gradientNorm) {}

  /** Loss of the pass in nats, and the gradient for the segment before. */
  record Loss(double loss, Optional<Tensor> inputGradient) {}
}
