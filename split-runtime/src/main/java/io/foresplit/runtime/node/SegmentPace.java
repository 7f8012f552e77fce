package io.foresplit.runtime.node;

import io.foresplit.contract.JobSpec;
import io.foresplit.contract.LayerProfile;
import io.foresplit.contract.NodeSpec;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/**
 * How long layers take on a node: what the job declares, and work paced to that. Confined to the
 * compute thread, but for what a record answers of itself.
 *
 * @param slowdown of the node at a moment, at least 1
 */
record SegmentPace(
    JobSpec job, NodeSpec node, Pacing pacing, DoubleUnaryOperator slowdown, TrainingClock clock) {
  static final ToDoubleFunction<LayerProfile> BOTH_PASSES =
      layer -> layer.forwardSeconds() + layer.backwardSeconds();

  /**
   * Length of the reference pause by which a node knows its slowdown when its layers, if it has
   * any, are too light to tell: fixed costs of a pass would pass for slowness.
   */
  private static final double REFERENCE_SHARE = 0.2;

  private static final double REFERENCE_SHARE_BESIDE_LAYERS = 0.04;

  /** Least declared seconds of a step by which a node's slowdown is measured. */
  private static final double TELLING_SECONDS = 0.01;

  /** Declared seconds of the layers of an assignment. */
  double declared(Assignment of, ToDoubleFunction<LayerProfile> cost) {
    return of.holdsLayers() ? declared(of.firstLayer(), of.lastLayer(), cost) : 0;
  }

  /** Declared seconds of a pass of some samples; the job declares those of a whole batch. */
  double declared(Assignment of, ToDoubleFunction<LayerProfile> cost, int samples) {
    return declared(of, cost) * ((double) samples / job.batchSize());
  }

  /** Declared seconds of layers on this node. */
  double declared(int first, int last, ToDoubleFunction<LayerProfile> cost) {
    double seconds = 0;
    for (int layer = first; layer <= last; layer++) {
      seconds += cost.applyAsDouble(job.layers().get(layer));
    }
    return seconds / node.speed();
  }

  /** Whether the layers of an assignment are heavy enough to tell the node's slowdown. */
  boolean tells(Assignment of) {
    return declared(of, BOTH_PASSES) >= TELLING_SECONDS;
  }

  /** Seconds of the reference pause beside an assignment. */
  double referenceSeconds(Assignment beside) {
    double share = beside.holdsLayers() ? REFERENCE_SHARE_BESIDE_LAYERS : REFERENCE_SHARE;
    return share * job.interval().toMillis() / 1e3;
  }

  /** Does work as slowly as the node is now. */
  <T> Pacing.Paced<T> run(double declared, Supplier<T> work) throws InterruptedException {
    return pacing.run(declared * slowdown.applyAsDouble(clock.now()), work);
  }
}
