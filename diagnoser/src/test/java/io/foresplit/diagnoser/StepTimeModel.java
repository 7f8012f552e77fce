package io.foresplit.diagnoser;

import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Conditions;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.LayerProfile;
import io.foresplit.contract.LinkCondition;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.Placement;
import io.foresplit.contract.PlacementPlanner;

/** The documented step time model, for what-if alone. */
public final class StepTimeModel implements PlacementPlanner {
  @Override
  public Placement best(JobSpec job, Conditions conditions) {
    throw new UnsupportedOperationException("the diagnoser plans nothing");
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
