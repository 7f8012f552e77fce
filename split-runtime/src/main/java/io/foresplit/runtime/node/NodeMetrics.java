package io.foresplit.runtime.node;

import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Metric;
import io.foresplit.contract.MetricSample;
import io.foresplit.contract.NodeId;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongSupplier;

/**
 * What a node has measured since its last report: means, no values of single samples. Thread-safe.
 */
public final class NodeMetrics {
  private final ComponentId node;
  private final LongSupplier nanoTime;
  private final Map<ComponentId, Map<Metric, Mean>> means = new TreeMap<>();
  private final Map<Metric, Mean> own;
  private double passSeconds;
  private double declaredSeconds;
  private long steps;
  private long lastStepNanos;
  private long reportedStepNanos;

  public NodeMetrics(NodeId node, LongSupplier nanoTime) {
    this.node = ComponentId.of(node);
    this.nanoTime = nanoTime;
    own = of(this.node);
  }

  private Map<Metric, Mean> of(ComponentId component) {
    return means.computeIfAbsent(component, c -> new EnumMap<>(Metric.class));
  }

  private static final class Mean {
    private double sum;
    private long count;
  }

  /** One more value of a series of this node. */
  public synchronized void add(Metric metric, double value) {
    add(own, metric, value);
  }

  /** One more value of a series. */
  public synchronized void add(ComponentId component, Metric metric, double value) {
    add(of(component), metric, value);
  }

  private static void add(Map<Metric, Mean> series, Metric metric, double value) {
    Mean mean = series.computeIfAbsent(metric, m -> new Mean());
    mean.sum += value;
    mean.count++;
  }

  /** Compute that should have taken so long by declaration. */
  public synchronized void compute(double seconds, double declared) {
    passSeconds += seconds;
    declaredSeconds += declared;
  }

  /** The data owner has finished a step. */
  public synchronized void step(double seconds) {
    add(ComponentId.JOB, Metric.STEP_SECONDS, seconds);
    steps++;
    lastStepNanos = nanoTime.getAsLong();
    if (reportedStepNanos == 0) {
      reportedStepNanos = lastStepNanos;
      steps = 0;
    }
  }

  /**
   * Takes what was measured; series without a value are left out. The step rate is over the time
   * from the last step of the interval before to the last step of this one, so that it does not
   * jump with the few steps that an interval has.
   */
  public synchronized List<MetricSample> drain() {
    if (steps > 0) {
      add(
          ComponentId.JOB,
          Metric.STEPS_PER_SECOND,
          steps * 1e9 / Math.max(1, lastStepNanos - reportedStepNanos));
      reportedStepNanos = lastStepNanos;
      steps = 0;
    }
    if (declaredSeconds > 0) {
      add(Metric.SLOWDOWN, passSeconds / declaredSeconds);
      passSeconds = 0;
      declaredSeconds = 0;
    }
    List<MetricSample> samples = new ArrayList<>();
    means.forEach(
        (component, series) ->
            series.forEach(
                (metric, mean) -> {
                  if (mean.count > 0) {
                    samples.add(new MetricSample(component, metric, mean.sum / mean.count));
                    mean.sum = 0;
                    mean.count = 0;
                  }
                }));
    return samples;
  }
}
