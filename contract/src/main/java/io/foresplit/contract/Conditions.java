package io.foresplit.contract;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * What does not depend on the cut: each link's rate and delay, each node's slowdown (1 = as
 * declared). Plans are made for conditions, measured or forecast.
 */
public record Conditions(Map<ComponentId, LinkCondition> links, Map<NodeId, Double> slowdowns) {
  public Conditions {
    links = Collections.unmodifiableMap(new TreeMap<>(links));
    slowdowns = Collections.unmodifiableMap(new TreeMap<>(slowdowns));
    slowdowns.forEach(
        (node, slowdown) -> {
          if (!(slowdown > 0 && slowdown < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(
                "slowdown of " + node + " must be positive and finite, was " + slowdown);
          }
        });
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
