package io.foresplit.runtime.coordinator;

import io.foresplit.contract.JobSpec;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.NodeSpec;
import io.foresplit.contract.Placement;
import java.util.List;
import java.util.Set;

/** What is to be done about dead nodes. */
sealed interface RecoveryPlan {
  /**
   * Training goes on without them.
   *
   * @param job as far as its nodes take part
   * @param route nodes in use, data owner first
   * @param step from which it goes on: the recovery point
   * @param provisions states that have to travel
   * @param anew clients of whose layers nothing is left: they build them from the seed
   */
  record GoOn(
      JobSpec job,
      List<NodeId> route,
      Placement placement,
      long step,
      List<Provision> provisions,
      Set<NodeId> anew)
      implements RecoveryPlan {
    public GoOn {
      route = List.copyOf(route);
      provisions = List.copyOf(provisions);
      anew = Set.copyOf(anew);
    }

    /** Nodes that take part. */
    List<NodeId> present() {
      return job.participants().stream().map(NodeSpec::id).toList();
    }
  }

  /**
   * Training waits for a node to come back.
   *
   * @param reason as in "waiting for ..."
   */
  record Wait(String reason) implements RecoveryPlan {}

  /**
   * Layers that one node sends to another.
   *
   * @param owner the client whose state of them it is, where each has its own; else empty
   * @param step as of which it is
   */
  record Provision(NodeId source, NodeId target, String owner, long step, List<Integer> layers) {
    public Provision {
      layers = List.copyOf(layers);
    }
  }
}
