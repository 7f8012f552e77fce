package io.foresplit.contract;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * What does not depend on the cut: each link's rate and delay, each node's slowdown (1 = as
 * declared). Plans are made for conditions, measured or forecast.
 */
public record Conditions(Map<ComponentId, LinkCondition> links, Map<NodeId, Double> slowdowns) {
  private static final double LEAST_RATE = 1;
  private static final double LEAST_SLOWDOWN = 0.01;
  private static final double MOST = 1e15;

  public Conditions {
    links = Collections.unmodifiableSortedMap(new TreeMap<>(links));
    slowdowns = Collections.unmodifiableSortedMap(new TreeMap<>(slowdowns));
    slowdowns.forEach(
        (node, slowdown) -> {
          if (!(slowdown > 0 && slowdown < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(
                "slowdown of " + node + " must be positive and finite, was " + slowdown);
          }
        });
  }

  /** The value of a link's rate or delay, or of a node's slowdown. */
  public double of(SeriesKey series) {
    if (series.metric() == Metric.SLOWDOWN) {
      return slowdowns.getOrDefault(series.component().from(), 1.0);
    }
    LinkCondition link = links.get(series.component());
    if (link == null) {
      throw new IllegalArgumentException("conditions say nothing of link " + series.component());
    }
    return series.metric() == Metric.LINK_RATE ? link.bytesPerSecond() : link.delaySeconds();
  }

  /** The same with one such value changed, kept to what is physically possible. */
  public Conditions with(SeriesKey series, double value) {
    if (series.metric() == Metric.SLOWDOWN) {
      return withSlowdown(series.component().from(), clamp(value, LEAST_SLOWDOWN));
    }
    double rate = of(new SeriesKey(series.component(), Metric.LINK_RATE));
    double delay = of(new SeriesKey(series.component(), Metric.LINK_DELAY_SECONDS));
    return withLink(
        series.component(),
        series.metric() == Metric.LINK_RATE
            ? new LinkCondition(clamp(value, LEAST_RATE), delay)
            : new LinkCondition(rate, clamp(value, 0)));
  }

  private static double clamp(double value, double least) {
    return Math.min(Math.max(value, least), MOST);
  }

  static Conditions declared(JobSpec job) {
    Map<ComponentId, LinkCondition> links = new TreeMap<>();
    for (LinkSpec link : job.links()) {
      links.put(link.id(), new LinkCondition(link.bytesPerSecond(), link.delaySeconds()));
    }
    Map<NodeId, Double> slowdowns = new TreeMap<>();
    for (NodeSpec node : job.participants()) {
      slowdowns.put(node.id(), 1.0);
    }
    return new Conditions(links, slowdowns);
  }

  public Conditions withLink(ComponentId link, LinkCondition condition) {
    Map<ComponentId, LinkCondition> changed = new TreeMap<>(links);
    changed.put(link, condition);
    return new Conditions(changed, slowdowns);
  }

  public Conditions withSlowdown(NodeId node, double slowdown) {
    Map<NodeId, Double> changed = new TreeMap<>(slowdowns);
    changed.put(node, slowdown);
    return new Conditions(links, changed);
  }
}
