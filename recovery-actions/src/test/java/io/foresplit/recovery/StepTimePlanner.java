package io.foresplit.recovery;

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

/** The documented step time model for a chain of three nodes; tries every pair of cuts. */
public final class StepTimePlanner implements PlacementPlanner {
  @Override
  public Placement best(JobSpec job, Conditions conditions) {
    List<NodeId> chain = job.nodes().stream().map(NodeSpec::id).toList();
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
              * conditions.slowdowns().get(node);
      if (i > 0) {
        NodeId above = placement.nodeOfLayer().get(i - 1);
        long bytes = job.layers().get(i - 1).outputBytes();
        seconds += path(job, above, node, bytes, conditions);
        seconds += path(job, node, above, bytes, conditions);
      }
    }
    return seconds;
  }

  @Override
  public double moveSeconds(JobSpec job, Placement from, Placement to, Conditions conditions) {
    double seconds = 0;
    for (int i = 0; i < job.layers().size(); i++) {
      long bytes = 3 * job.layers().get(i).parameterBytes();
      seconds += path(job, from.nodeOfLayer().get(i), to.nodeOfLayer().get(i), bytes, conditions);
    }
    return seconds;
  }

  private static double path(
      JobSpec job, NodeId from, NodeId to, long bytes, Conditions conditions) {
    double seconds = 0;
    int step = Integer.signum(job.tier(to) - job.tier(from));
    for (int tier = job.tier(from); tier != job.tier(to); tier += step) {
      NodeId a = job.nodes().get(tier).id();
      NodeId b = job.nodes().get(tier + step).id();
      LinkCondition link = conditions.links().get(ComponentId.link(a, b));
      seconds += bytes / link.bytesPerSecond() + link.delaySeconds();
    }
    return seconds;
  }
}
