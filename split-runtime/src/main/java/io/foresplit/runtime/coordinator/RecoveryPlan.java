package io.foresplit.runtime.coordinator;

import io.foresplit.contract.NodeId;
import io.foresplit.contract.Placement;
import java.util.List;

/** What is to be done about dead nodes. */
sealed interface RecoveryPlan {
  /**
   * Training goes on without them.
   *
   * @param route nodes in use, data owner first
   * @param step from which it goes on: the recovery point
   * @param seconds a step is predicted to take
   * @param provisions states that have to travel
   */
  record GoOn(
      List<NodeId> route,
      Placement placement,
      long step,
      double seconds,
      List<Provision> provisions)
      implements RecoveryPlan {
    public GoOn {
      route = List.copyOf(route);
      provisions = List.copyOf(provisions);
    }
  }

  /**
   * Training waits for a node to come back.
   *
   * @param reason as in "waiting for ..."
   */
  record Wait(String reason) implements RecoveryPlan {}

  /** Layers that one node sends to another. */
  record Provision(NodeId source, NodeId target, List<Integer> layers) {
    public Provision {
      layers = List.copyOf(layers);
    }
  }
}
