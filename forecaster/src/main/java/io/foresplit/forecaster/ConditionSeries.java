package io.foresplit.forecaster;

import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Conditions;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.LinkSpec;
import io.foresplit.contract.Metric;
import io.foresplit.contract.NodeSpec;
import io.foresplit.contract.SeriesKey;
import java.util.ArrayList;
import java.util.List;

/** {@link Conditions} seen as series: each link's rate and delay, each node's slowdown. */
final class ConditionSeries {
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

  static double clamp(double value, double low, double high) {
    return Math.min(Math.max(value, low), high);
  }
}
