package io.foresplit.runtime.plan;

import io.foresplit.contract.JobSpec;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.NodeSpec;
import io.foresplit.contract.Placement;
import java.util.ArrayList;
import java.util.List;

/** All placements a job allows, for reports and for checking the planner. */
public final class Alternatives {
  private Alternatives() {}

  /**
   * Every placement that breaks no rule of the job and starts on the data owner, those with most
   * layers near the owner first. The number of cuts of a chain grows with layers to the power of
   * nodes less one.
   */
  public static List<Placement> allowed(JobSpec job) {
    List<Placement> found = new ArrayList<>();
    extend(job, new ArrayList<>(), 0, found);
    return List.copyOf(found);
  }

  private static void extend(JobSpec job, List<NodeId> begun, int tier, List<Placement> found) {
    if (begun.size() == job.layers().size()) {
      Placement placement = new Placement(begun);
      if (placement.violations(job).isEmpty()) {
        found.add(placement);
      }
      return;
    }
    List<NodeSpec> nodes = job.nodes();
    int last = begun.isEmpty() ? 0 : nodes.size() - 1;
    for (int next = tier; next <= last; next++) {
      begun.add(nodes.get(next).id());
      extend(job, begun, next, found);
      begun.remove(begun.size() - 1);
    }
  }
}
