package io.foresplit.forecaster;

import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Conditions;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.LinkCondition;
import io.foresplit.contract.LinkSpec;
import io.foresplit.contract.Metric;
import io.foresplit.contract.NodeSpec;
import io.foresplit.contract.SeriesKey;
import java.util.ArrayList;
import java.util.List;

/** {@link Conditions} seen as series: each link's rate and delay, each node's slowdown. */
final class ConditionSeries {
  private static final double LEAST_RATE = 1;
  private static final double LEAST_SLOWDOWN = 0.01;
  private static final double MOST = 1e15;

  private ConditionSeries() {}

  static List<SeriesKey> of(JobSpec job) {
    List<SeriesKey> series = new ArrayList<>();
    for (LinkSpec link : job.links()) {
      series.add(new SeriesKey(link.id(), Metric.LINK_RATE));
      series.add(new SeriesKey(link.id(), Metric.LINK_DELAY_SECONDS));
    }
    for (NodeSpec node : job.nodes()) {
      series.add(new SeriesKey(ComponentId.of(node.id()), Metric.SLOWDOWN));
    }
    return series;
  }

  static double get(Conditions conditions, SeriesKey series) {
    if (series.metric() == Metric.SLOWDOWN) {
      return conditions.slowdowns().getOrDefault(series.component().from(), 1.0);
    }
    LinkCondition link = conditions.links().get(series.component());
    if (link == null) {
      throw new IllegalArgumentException("conditions say nothing of link " + series.component());
    }
    return series.metric() == Metric.LINK_RATE ? link.bytesPerSecond() : link.delaySeconds();
  }

  /** The same conditions with one value changed, kept to what is physically possible. */
  static Conditions with(Conditions conditions, SeriesKey series, double value) {
    if (series.metric() == Metric.SLOWDOWN) {
      return conditions.withSlowdown(series.component().from(), clamp(value, LEAST_SLOWDOWN, MOST));
    }
    double rate = get(conditions, new SeriesKey(series.component(), Metric.LINK_RATE));
    double delay = get(conditions, new SeriesKey(series.component(), Metric.LINK_DELAY_SECONDS));
    return conditions.withLink(
        series.component(),
        series.metric() == Metric.LINK_RATE
            ? new LinkCondition(clamp(value, LEAST_RATE, MOST), delay)
            : new LinkCondition(rate, clamp(value, 0, MOST)));
  }

  static double clamp(double value, double low, double high) {
    return Math.min(Math.max(value, low), high);
  }
}
