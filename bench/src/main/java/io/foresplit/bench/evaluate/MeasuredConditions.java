package io.foresplit.bench.evaluate;

import io.foresplit.contract.Conditions;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.Metric;
import io.foresplit.contract.MetricSample;
import io.foresplit.contract.SegmentReport;
import io.foresplit.contract.SeriesKey;
import io.foresplit.runtime.sim.SimulatedInterval;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Conditions as the last reports have them: medians of the last few values. Not thread-safe. */
final class MeasuredConditions {
  private static final int VALUES = 3;
  private static final Set<Metric> CONDITIONS =
      EnumSet.of(Metric.LINK_RATE, Metric.LINK_DELAY_SECONDS, Metric.SLOWDOWN);

  private final JobSpec job;
  private final Map<SeriesKey, Deque<Double>> last = new TreeMap<>();

  MeasuredConditions(JobSpec job) {
    this.job = job;
  }

  void onInterval(SimulatedInterval interval) {
    for (SegmentReport report : interval.reports()) {
      for (MetricSample sample : report.samples()) {
        if (!CONDITIONS.contains(sample.metric())) {
          continue;
        }
        Deque<Double> values = last.computeIfAbsent(sample.series(), key -> new ArrayDeque<>());
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
      conditions = conditions.with(entry.getKey(), median(entry.getValue()));
    }
    return conditions;
  }

  private static double median(Deque<Double> values) {
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    return sorted[sorted.length / 2];
  }
}
