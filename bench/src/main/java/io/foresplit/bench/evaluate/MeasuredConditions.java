package io.foresplit.bench.evaluate;

import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Conditions;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.LinkCondition;
import io.foresplit.contract.Metric;
import io.foresplit.contract.MetricSample;
import io.foresplit.contract.SegmentReport;
import io.foresplit.contract.SeriesKey;
import io.foresplit.runtime.sim.SimulatedInterval;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.TreeMap;

/** Conditions as the last reports have them: medians of the last few values. Not thread-safe. */
final class MeasuredConditions {
  private static final int VALUES = 3;
  private static final double LEAST_SLOWDOWN = 0.01;

  private final JobSpec job;
  private final Map<SeriesKey, Deque<Double>> last = new TreeMap<>();

  MeasuredConditions(JobSpec job) {
    this.job = job;
  }

  void onInterval(SimulatedInterval interval) {
    for (SegmentReport report : interval.reports()) {
      for (MetricSample sample : report.samples()) {
        Deque<Double> values =
            last.computeIfAbsent(
                new SeriesKey(sample.component(), sample.metric()), key -> new ArrayDeque<>());
        values.addLast(sample.value());
        if (values.size() > VALUES) {
          values.removeFirst();
        }
      }
    }
  }

  /** What was never reported is as declared. */
  Conditions now() {
    Conditions conditions = job.declaredConditions();
    for (Map.Entry<SeriesKey, Deque<Double>> entry : last.entrySet()) {
      ComponentId component = entry.getKey().component();
      LinkCondition link = conditions.links().get(component);
      double value = median(entry.getValue());
      Metric metric = entry.getKey().metric();
      if (metric == Metric.SLOWDOWN) {
        conditions = conditions.withSlowdown(component.from(), Math.max(LEAST_SLOWDOWN, value));
      } else if (metric == Metric.LINK_RATE && link != null) {
        conditions =
            conditions.withLink(
                component, new LinkCondition(Math.max(1, value), link.delaySeconds()));
      } else if (metric == Metric.LINK_DELAY_SECONDS && link != null) {
        conditions =
            conditions.withLink(component, new LinkCondition(link.bytesPerSecond(), value));
      }
    }
    return conditions;
  }

  private static double median(Deque<Double> values) {
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    return sorted[sorted.length / 2];
  }
}
