package io.foresplit.runtime.coordinator;

import io.foresplit.contract.JobSpec;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.NodeSpec;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Which processes of a job's nodes are there, and how far the job is. Not thread-safe. */
final class Attendance {
  private final JobSpec job;
  private final Map<NodeId, Registration> registered = new TreeMap<>();
  private Phase phase = Phase.GATHERING;

  /** From the coordinator's start to the end. */
  enum Phase {
    GATHERING,
    STARTING,
    TRAINING
  }

  /**
   * A process of a node.
   *
   * @param begun whether it holds layers of a training
   * @param halted whether it waits to be restored
   */
  record Registration(String incarnation, boolean begun, boolean halted) {}

  /** Nobody is there. */
  Attendance(JobSpec job) {
    this.job = job;
  }

  Phase phase() {
    return phase;
  }

  void enter(Phase next) {
    phase = next;
  }

  /**
   * A process says which node it is.
   *
   * @param mayComeBack whether a process without layers may take the place of another while
   *     training is under way
   * @return whether it is to be {@link #put}; not when it is known already
   * @throws RuntimeException in one line, when there is no place for it
   */
  boolean accepts(NodeId node, Registration process, boolean mayComeBack) {
    if (job.node(node).isEmpty()) {
      throw new IllegalArgumentException(
          "node "
              + node
              + " is not part of job "
              + job.id()
              + ", its nodes are "
              + job.participants().stream().map(NodeSpec::id).toList());
    }
    if (phase == Phase.GATHERING) {
      return true;
    }
    if (knows(node, process.incarnation())) {
      return false;
    }
    if (!mayComeBack || phase != Phase.TRAINING || process.begun()) {
      throw new IllegalStateException(
          "training is under way and the layers of node "
              + node
              + " went with the process before; "
              + (mayComeBack
                  ? "start the process anew"
                  : "start the job anew with another data folder"));
    }
    return true;
  }

  void put(NodeId node, Registration process) {
    registered.put(node, process);
  }

  boolean knows(NodeId node, String incarnation) {
    Registration registration = registered.get(node);
    return registration != null && registration.incarnation().equals(incarnation);
  }

  /** Forgets a process; tells whether it was there. */
  boolean leave(NodeId node, String incarnation) {
    return knows(node, incarnation) && registered.remove(node) != null;
  }

  boolean complete() {
    return registered.size() == job.participants().size();
  }

  Set<NodeId> nodes() {
    return Collections.unmodifiableSet(registered.keySet());
  }

  Map<NodeId, Registration> processes() {
    return Collections.unmodifiableMap(registered);
  }
}
