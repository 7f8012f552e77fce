package io.foresplit.runtime.node;

import io.foresplit.contract.JobSpec;
import io.foresplit.contract.LayerProfile;
import io.foresplit.contract.Metric;
import io.foresplit.contract.NodeSpec;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/**
 * How fast a node computes and how long it waits: paces work to the declared speed, and measures.
 * Confined to the compute thread, but for {@link #tells}.
 */
final class SegmentPace {
  /**
   * Length of the reference pause by which a node knows its slowdown when its layers, if it has
   * any, are too light to tell: fixed costs of a pass would pass for slowness.
   */
  private static final double REFERENCE_SHARE = 0.2;

  private static final double REFERENCE_SHARE_BESIDE_LAYERS = 0.04;

  /** Least declared seconds of a step by which a node's slowdown is measured. */
  private static final double TELLING_SECONDS = 0.01;

  private final JobSpec job;
  private final NodeSpec node;
  private final Pacing pacing;
  private final DoubleUnaryOperator slowdown;
  private final TrainingClock clock;
  private final NodeMetrics metrics;
  private double waitingSince = Double.NaN;
  private double waited;

  SegmentPace(
      JobSpec job,
      NodeSpec node,
      Pacing pacing,
      DoubleUnaryOperator slowdown,
      TrainingClock clock,
      NodeMetrics metrics) {
    this.job = job;
    this.node = node;
    this.pacing = pacing;
    this.slowdown = slowdown;
    this.clock = clock;
    this.metrics = metrics;
  }

  /** Work that should take so long by declaration, at full speed. */
  <T> Pacing.Paced<T> run(double declared, Supplier<T> work) throws InterruptedException {
    return pacing.run(declared * slowdown.applyAsDouble(clock.now()), work);
  }

  /** Seconds of a pass through a segment by declaration, which is for a whole batch. */
  double declared(Assignment of, ToDoubleFunction<LayerProfile> cost, int samples) {
    return declared(of, cost) * ((double) samples / job.batchSize());
  }

  double declared(int first, int last, ToDoubleFunction<LayerProfile> cost) {
    double seconds = 0;
    for (int layer = first; layer <= last; layer++) {
      seconds += cost.applyAsDouble(job.layers().get(layer));
    }
    return seconds / node.speed();
  }

  private double declared(Assignment of, ToDoubleFunction<LayerProfile> cost) {
    return of.holdsLayers() ? declared(of.firstLayer(), of.lastLayer(), cost) : 0;
  }

  /** Whether the layers of an assignment are heavy enough to tell the node's slowdown. */
  boolean tells(Assignment of) {
    return declared(of, l -> l.forwardSeconds() + l.backwardSeconds()) >= TELLING_SECONDS;
  }

  /** Layers have been computed. */
  void computed(Assignment of, double seconds, double declared) {
    if (tells(of)) {
      metrics.compute(seconds, declared);
    }
  }

  /** Measures the slowdown where steps do not tell it. */
  double reference(Assignment of) throws InterruptedException {
    double share = of.holdsLayers() ? REFERENCE_SHARE_BESIDE_LAYERS : REFERENCE_SHARE;
    double declared = share * job.interval().toMillis() / 1e3;
    double seconds = run(declared, () -> true).seconds();
    if (!tells(of)) {
      metrics.compute(seconds, declared);
    }
    return seconds;
  }

  void beginWait() {
    waitingSince = clock.now();
  }

  /** Input is there: adds the time since the segment was ready for it. */
  void endWait() {
    if (!Double.isNaN(waitingSince)) {
      waited += clock.now() - waitingSince;
      waitingSince = Double.NaN;
    }
  }

  /** Waiting that has begun counts no more. */
  void forgetWait() {
    waitingSince = Double.NaN;
  }

  /** A step is done. */
  void reportWait(boolean holdsLayers) {
    if (holdsLayers) {
      metrics.add(Metric.QUEUE_WAIT_SECONDS, waited);
    }
    waited = 0;
  }
}
