package io.foresplit.diagnoser;

import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Conditions;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.LayerProfile;
import io.foresplit.contract.LinkCondition;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.NodeSpec;
import io.foresplit.contract.Placement;
import io.foresplit.contract.PlacementPlanner;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** The documented step time model, for chains of three nodes. */
public final class StepTimeModel implements PlacementPlanner {
  @Override
  public Placement best(JobSpec job, Conditions conditions) {
    List<NodeId> chain = job.nodes().stream().map(NodeSpec::id).toList();
    int layers = job.layers().size();
    return IntStream.rangeClosed(1, layers)
        .boxed()
        .flatMap(
            first ->
                IntStream.rangeClosed(first, layers)
                    .mapToObj(second -> Placement.ofCuts(chain, layers, List.of(first, second))))
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
      seconds +=
          (layer.forwardSeconds() + layer.backwardSeconds())
              / job.node(node).orElseThrow().speed()
              * conditions.slowdowns().get(node);
      if (i > 0) {
        NodeId above = placement.nodeOfLayer().get(i - 1);
        long bytes = job.layers().get(i - 1).outputBytes();
        for (int tier = job.tier(above); tier < job.tier(node); tier++) {
          NodeId near = job.nodes().get(tier).id();
          NodeId far = job.nodes().get(tier + 1).id();
          seconds += transfer(conditions, ComponentId.link(near, far), bytes);
          seconds += transfer(conditions, ComponentId.link(far, near), bytes);
        }
      }
    }
    return seconds;
  }

  @Override
  public double moveSeconds(JobSpec job, Placement from, Placement to, Conditions conditions) {
    throw new UnsupportedOperationException("the diagnoser moves nothing");
  }

  private static double transfer(Conditions conditions, ComponentId link, long bytes) {
    LinkCondition condition = conditions.links().get(link);
    return bytes / condition.bytesPerSecond() + condition.delaySeconds();
  }
}
