package io.foresplit.runtime.coordinator;

import io.foresplit.contract.JobSpec;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.NodeSpec;
import io.foresplit.contract.ReplicationSpec;
import io.foresplit.contract.SplitTopology;
import io.foresplit.runtime.OwnedLayer;
import io.foresplit.runtime.coordinator.FailureDetector.Death;
import io.foresplit.runtime.coordinator.RecoveryProtocol.Members;
import io.foresplit.runtime.proto.HeldStep;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Which nodes of a job are alive, which of them are still to be let in, and what they keep.
 * Thread-safe.
 */
final class Roster {
  private final JobSpec job;
  private final ReplicationSpec spec;
  private final Supplier<SplitTopology> topology;
  private final LongSupplier nanoTime;

  // guarded by this
  private final FailureDetector detector;
  private final Map<NodeId, List<HeldStep>> held = new TreeMap<>();
  private final Set<NodeId> newcomers = new HashSet<>();
  private long version;

  /**
   * Nobody is there.
   *
   * @param job as declared
   * @param topology in force
   */
  Roster(
      JobSpec job,
      ReplicationSpec spec,
      Duration heartbeat,
      Supplier<SplitTopology> topology,
      LongSupplier nanoTime) {
    this.job = job;
    this.spec = spec;
    this.topology = topology;
    this.nanoTime = nanoTime;
    detector = new FailureDetector(heartbeat);
  }

  synchronized boolean alive(NodeId node) {
    return detector.alive(node);
  }

  /** Whether nodes that have come back are still to be let in. */
  synchronized boolean lettingIn() {
    return !newcomers.isEmpty();
  }

  /** Where nodes come back by a recovery, those that are not ready for it are not counted. */
  synchronized Members members() {
    boolean regroups = job.scheme().pinsClients();
    return new Members(
        version,
        job.participants().stream()
            .map(NodeSpec::id)
            .filter(detector::alive)
            .filter(node -> !regroups || !newcomers.contains(node))
            .toList(),
        regroups ? List.of() : List.copyOf(newcomers));
  }

  /** Whether a node is still to be let in. */
  synchronized boolean waits(NodeId node) {
    return newcomers.contains(node);
  }

  /** A node has been let in. */
  synchronized void admit(NodeId node) {
    if (newcomers.remove(node)) {
      changed();
    }
  }

  /**
   * A process life of a node is there; one that comes to a training under way has no layers.
   *
   * @return the life before it, when that was not known to be dead
   */
  synchronized Optional<String> join(NodeId node, String incarnation, boolean underWay) {
    Optional<String> replaced = detector.join(node, incarnation, nanoTime.getAsLong());
    if (underWay) {
      newcomers.add(node);
      held.remove(node);
      changed();
    }
    return replaced;
  }

  /** A newcomer has been let in, if nobody has come or died since. */
  synchronized void welcomed(NodeId node, Members since) {
    if (version == since.version()) {
      newcomers.remove(node);
    }
  }

  /**
   * A node says that it is there, and what it keeps.
   *
   * @return whether it is known; when not, it is to register
   * @throws IllegalStateException when its process is to end
   */
  synchronized boolean beat(NodeId node, String incarnation, List<HeldStep> states) {
    return switch (detector.beat(node, incarnation, nanoTime.getAsLong())) {
      case COUNTED -> {
        held.put(node, List.copyOf(states));
        yield true;
      }
      case UNKNOWN -> false;
      case FENCED ->
          throw new IllegalStateException(
              "this process of node " + node + " is dead by its heartbeats, or replaced; end it");
    };
  }

  /**
   * Looks for nodes that have died; each death is told once. Called while training is under way, so
   * that it counts on all nodes but those still to be let in.
   */
  synchronized Map<NodeId, Death> look() {
    long now = nanoTime.getAsLong();
    for (NodeId node : detector.alive()) {
      if (!newcomers.contains(node)) {
        detector.countOn(node, now);
      }
    }
    Map<NodeId, Death> died = detector.look(now);
    if (!died.isEmpty()) {
      died.keySet().forEach(held::remove);
      newcomers.removeAll(died.keySet());
      changed();
    }
    return died;
  }

  /**
   * Before which step nothing that is kept is needed any more; 0 when that cannot be told. A step
   * whose passes are over but whose client layers are still being averaged is kept by all and yet
   * not done: the point stays before it, for no recovery may go past what is done.
   *
   * @param done steps that are known to be done
   */
  synchronized long recoveryPoint(long done) {
    if (!newcomers.isEmpty()) {
      return 0;
    }
    Map<NodeId, List<HeldStep>> there = new TreeMap<>(held);
    SplitTopology now = topology.get();
    there.keySet().retainAll(detector.alive());
    there.keySet().retainAll(now.job().participants().stream().map(NodeSpec::id).toList());
    int copies = Math.min(2, spec.neighbour() ? there.size() : 2);
    Map<OwnedLayer, Integer> wanted = new TreeMap<>();
    for (int layer = 0; layer < now.placement().nodeOfLayer().size(); layer++) {
      for (NodeId trainer : trainers(now, layer)) {
        int enough = keepable(layer, trainer, there.keySet()) ? copies : 1;
        wanted.merge(OwnedLayer.of(now.job(), trainer, layer), enough, Math::min);
      }
    }
    return ReplicaInventory.of(there).redundant(wanted, done).orElse(0);
  }

  /** Who trains a layer: one node, or each client. */
  private static List<NodeId> trainers(SplitTopology now, int layer) {
    NodeId node = now.placement().nodeOfLayer().get(layer);
    return now.job().tier(node) == 0 ? now.job().clients() : List.of(node);
  }

  /** Whether a layer can be kept by any but the node that trains it. */
  private boolean keepable(int layer, NodeId trainer, Set<NodeId> there) {
    return spec.mayFile(job, layer)
        || (spec.neighbour()
            && there.stream()
                .anyMatch(
                    node -> !node.equals(trainer) && spec.mayHold(job, layer, trainer, node)));
  }

  private void changed() {
    version++;
    notifyAll();
  }

  /** Returns when members have changed since. */
  synchronized void awaitChange(Members since) throws InterruptedException {
    while (version == since.version()) {
      wait();
    }
  }

  /** Lets time pass, or returns early when members have changed since. */
  synchronized void pause(Duration time, Members since) throws InterruptedException {
    long until = nanoTime.getAsLong() + time.toNanos();
    long left = time.toNanos();
    while (version == since.version() && left > 0) {
      wait(left / 1_000_000, (int) (left % 1_000_000));
      left = until - nanoTime.getAsLong();
    }
  }
}
