package io.foresplit.recovery;

import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Conditions;
import io.foresplit.contract.IntervalTick;
import io.foresplit.contract.LinkCondition;
import io.foresplit.contract.Metric;
import io.foresplit.contract.MetricSample;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.SegmentMetrics;
import io.foresplit.contract.SeriesKey;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.Set;

/** The last intervals of a job, as far as verification needs them. Not thread-safe. */
final class JobHistory {
  /** How many intervals are kept. */
  static final int LENGTH = 240;

  static final SeriesKey STEP_SECONDS = new SeriesKey(ComponentId.JOB, Metric.STEP_SECONDS);

  private static final Set<Metric> KEPT =
      EnumSet.of(Metric.STEP_SECONDS, Metric.LINK_RATE, Metric.SLOWDOWN);

  /** One closed interval and what was measured in it. */
  record Interval(Instant end, long epoch, Map<SeriesKey, Double> values) {
    boolean hasSteps() {
      return values.containsKey(STEP_SECONDS);
    }
  }

  private final Deque<Interval> intervals = new ArrayDeque<>();
  private Map<SeriesKey, Double> open = new HashMap<>();

  void add(SegmentMetrics metrics) {
    for (MetricSample sample : metrics.samples()) {
      boolean usable =
          sample.metric() == Metric.LINK_DELAY_SECONDS
              || (KEPT.contains(sample.metric()) && sample.value() > 0);
      if (usable) {
        open.put(sample.series(), sample.value());
      }
    }
  }

  void close(IntervalTick tick) {
    intervals.addLast(new Interval(tick.end(), tick.epoch(), open));
    open = new HashMap<>();
    if (intervals.size() > LENGTH) {
      intervals.removeFirst();
    }
  }

  /** The last intervals with a step time that ended at or before an instant. */
  List<Interval> until(Instant at, int count) {
    List<Interval> found =
        intervals.stream().filter(i -> i.hasSteps() && !i.end().isAfter(at)).toList();
    return found.subList(Math.max(0, found.size() - count), found.size());
  }

  /** The intervals that ended after an instant, with or without a step time. */
  List<Interval> after(Instant at) {
    return intervals.stream().filter(i -> i.end().isAfter(at)).toList();
  }

  /** Median of a series over intervals; empty where none has it. */
  static OptionalDouble median(Collection<Interval> window, SeriesKey series) {
    double[] values =
        window.stream()
            .map(interval -> interval.values().get(series))
            .filter(Objects::nonNull)
            .mapToDouble(Double::doubleValue)
            .sorted()
            .toArray();
    int middle = values.length / 2;
    if (values.length == 0) {
      return OptionalDouble.empty();
    }
    return OptionalDouble.of(
        values.length % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2);
  }

  /** Conditions as measured over intervals; where nothing was measured, as in {@code otherwise}. */
  static Conditions conditions(Collection<Interval> window, Conditions otherwise) {
    Conditions result = otherwise;
    for (Map.Entry<ComponentId, LinkCondition> link : otherwise.links().entrySet()) {
      LinkCondition known = link.getValue();
      double rate =
          median(window, new SeriesKey(link.getKey(), Metric.LINK_RATE))
              .orElse(known.bytesPerSecond());
      double delay =
          median(window, new SeriesKey(link.getKey(), Metric.LINK_DELAY_SECONDS))
              .orElse(known.delaySeconds());
      result = result.withLink(link.getKey(), new LinkCondition(rate, delay));
    }
    for (Map.Entry<NodeId, Double> node : otherwise.slowdowns().entrySet()) {
      SeriesKey series = new SeriesKey(ComponentId.of(node.getKey()), Metric.SLOWDOWN);
      result = result.withSlowdown(node.getKey(), median(window, series).orElse(node.getValue()));
    }
    return result;
  }
}
