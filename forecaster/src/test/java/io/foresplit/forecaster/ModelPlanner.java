package io.foresplit.forecaster;

import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Conditions;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.LayerProfile;
import io.foresplit.contract.LinkCondition;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.Placement;
import io.foresplit.contract.PlacementPlanner;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;

/** The documented step-time model, with the best cut of a chain of three by trying all. */
public final class ModelPlanner implements PlacementPlanner {
  private final Map<List<NodeId>, ComponentId> links = new ConcurrentHashMap<>();

  @Override
  public Placement best(JobSpec job, Conditions conditions) {
    List<NodeId> chain = job.nodes().stream().map(n -> n.id()).toList();
    int layers = job.layers().size();
    return IntStream.rangeClosed(0, layers)
        .boxed()
        .flatMap(
            a ->
                IntStream.rangeClosed(a, layers)
                    .mapToObj(b -> Placement.ofCuts(chain, layers, List.of(a, b))))
        .filter(placement -> placement.violations(job).isEmpty())
        .min(Comparator.comparingDouble(placement -> predict(job, placement, conditions)))
        .orElseThrow();
  }

  @Override
  public double predict(JobSpec job, Placement placement, Conditions conditions) {
    double seconds = 0;
    for (int i = 0; i < job.layers().size(); i++) {
      NodeId node = placement.nodeOfLayer().get(i);
      LayerProfile layer = job.layers().get(i);
      double speed = job.node(node).orElseThrow().speed();
      seconds +=
          (layer.forwardSeconds() + layer.backwardSeconds())
              / speed
              * conditions.slowdowns().getOrDefault(node, 1.0);
      if (i + 1 < job.layers().size()) {
        int from = job.tier(node);
        int to = job.tier(placement.nodeOfLayer().get(i + 1));
        for (int hop = from; hop < to; hop++) {
          seconds += transfer(job, hop, hop + 1, layer.outputBytes(), conditions);
          seconds += transfer(job, hop + 1, hop, layer.outputBytes(), conditions);
        }
      }
    }
    return seconds;
  }

  private double transfer(JobSpec job, int from, int to, long bytes, Conditions conditions) {
    NodeId sender = job.nodes().get(from).id();
    NodeId receiver = job.nodes().get(to).id();
    ComponentId link =
        links.computeIfAbsent(
            List.of(sender, receiver), ends -> ComponentId.link(ends.get(0), ends.get(1)));
    LinkCondition condition = conditions.links().get(link);
    return bytes / condition.bytesPerSecond() + condition.delaySeconds();
  }

  @Override
  public double moveSeconds(JobSpec job, Placement from, Placement to, Conditions conditions) {
    return from.equals(to) ? 0 : 1;
  }
}
