package io.foresplit.runtime.coordinator;

import io.foresplit.contract.JobSpec;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.NodeSpec;
import io.foresplit.contract.Placement;
import io.foresplit.contract.ReplicationSpec;
import io.foresplit.contract.SplitTopology;
import io.foresplit.runtime.coordinator.FailureDetector.Death;
import io.foresplit.runtime.coordinator.RecoveryPlan.GoOn;
import io.foresplit.runtime.plan.CutPlanner;
import io.foresplit.runtime.proto.HeldStep;
import io.foresplit.runtime.proto.RecoveryRecord;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches the nodes of one job, and has training go on when one has died. Recoveries are done one
 * after the other by a thread of their own. Thread-safe.
 */
final class Recoveries implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Recoveries.class);

  /** Attempts at recoveries and regroupings in one life of the coordinator. */
  private static final int NUMBER_BITS = 24;

  private static final int HISTORY = 100;
  private static final Duration JOIN_BACKOFF = Duration.ofMillis(50);

  private final JobSpec job;
  private final ReplicationSpec spec;
  private final Survivors survivors;
  private final Owner owner;
  private final LongSupplier nanoTime;
  private final Executor calls;
  private final RecoveryPlanner planner;
  private final Thread thread;

  // guarded by this
  private final FailureDetector detector;
  private final Map<NodeId, List<HeldStep>> held = new TreeMap<>();
  private final Set<NodeId> newcomers = new HashSet<>();
  private long version;
  private long numbers;
  private boolean wanted;
  private long silentNanos;
  private long wantedSince;
  private final Deque<RecoveryRecord> history = new ArrayDeque<>();
  private boolean closed;

  private volatile boolean active;
  private volatile long generation;
  private volatile String status = "";

  /** What recoveries use of the job's owner, the controller. */
  interface Owner {
    CoordinatorState state();

    ProgressLog progress();

    /** Process lives that are dead; made durable before anyone counts on it. */
    void died(Map<NodeId, String> lives);

    /** Makes the next epoch durable and tells of it. */
    void commit(GoOn plan) throws IOException;

    /** Takes the right to change the job when no move is under way; false when one is. */
    boolean begin();

    /** Moves may come again. */
    void end();

    /** A recovery cannot go on for a reason that is no node's. */
    void failed(Throwable reason);
  }

  /** Watches no node before {@link #start}. */
  Recoveries(
      JobSpec job,
      ReplicationSpec spec,
      Duration heartbeat,
      Survivors survivors,
      Owner owner,
      LongSupplier nanoTime,
      Executor calls) {
    this.job = job;
    this.spec = spec;
    this.survivors = survivors;
    this.owner = owner;
    this.nanoTime = nanoTime;
    this.calls = calls;
    detector = new FailureDetector(heartbeat);
    planner = new RecoveryPlanner(job, new CutPlanner(), spec.everySteps());
    thread = new Thread(this::loop, "recoveries");
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  /** Whether a recovery is wanted or under way: no move may commit. */
  boolean active() {
    return active;
  }

  /** Whether nodes that have come back are still to be let in. */
  synchronized boolean lettingIn() {
    return !newcomers.isEmpty();
  }

  /** Grows with each recovery: what was begun before one has been overtaken by it. */
  long generation() {
    return generation;
  }

  /** What is being done, or waited for; empty while steps go on. */
  String status() {
    return status;
  }

  /** The last recoveries, oldest first. */
  synchronized List<RecoveryRecord> history() {
    return List.copyOf(history);
  }

  synchronized boolean alive(NodeId node) {
    return detector.alive(node);
  }

  /** A process life of a node is there; one that comes to a training under way has no layers. */
  synchronized void join(NodeId node, String incarnation, boolean underWay) {
    Optional<String> replaced = detector.join(node, incarnation, nanoTime.getAsLong());
    if (underWay) {
      newcomers.add(node);
      held.remove(node);
      changed();
      if (replaced.isPresent()) {
        LOG.warn("node {} is there anew before it was missed: what it held is gone", node);
        owner.died(Map.of(node, replaced.get()));
        want();
      }
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

  /** Before which step nothing that is kept is needed any more; 0 when that cannot be told. */
  synchronized long recoveryPoint() {
    if (active || !newcomers.isEmpty()) {
      return 0;
    }
    Map<NodeId, List<HeldStep>> there = new TreeMap<>(held);
    there.keySet().retainAll(detector.alive());
    int copies = Math.min(2, spec.neighbour() ? there.size() : 2);
    return ReplicaInventory.of(job.layers().size(), there)
        .redundant(layer -> keepable(layer, there.keySet()) ? copies : 1)
        .orElse(0);
  }

  /** Whether a layer can be kept by any but the node that trains it. */
  private boolean keepable(int layer, Set<NodeId> there) {
    return spec.mayFile(job, layer)
        || (spec.neighbour()
            && there.stream().filter(node -> spec.mayHold(job, layer, node)).count() > 1);
  }

  /** Looks for dead nodes; called several times a heartbeat. */
  void look() {
    Map<NodeId, Death> died;
    synchronized (this) {
      died = detector.look(nanoTime.getAsLong());
      if (died.isEmpty() || closed) {
        return;
      }
      active = true;
      status = "recovering: " + RecoveryState.DETECTED;
      died.keySet().forEach(held::remove);
      newcomers.removeAll(died.keySet());
      silentNanos = died.values().stream().mapToLong(Death::silentNanos).max().orElse(0);
    }
    LOG.warn(
        "nodes {} are dead: {} heartbeats missed", died.keySet(), FailureDetector.MISSED_BEATS);
    Map<NodeId, String> lives = new TreeMap<>();
    died.forEach((node, death) -> lives.put(node, death.incarnation()));
    owner.died(lives);
    changed();
    want();
  }

  /** Has training brought to one state on all nodes that are there. */
  synchronized void want() {
    if (!active || !wanted) {
      wantedSince = nanoTime.getAsLong();
    }
    wanted = true;
    active = true;
    if (status.isEmpty()) {
      status = "recovering: " + RecoveryState.DETECTED;
    }
    generation++;
    notifyAll();
  }

  private synchronized void changed() {
    version++;
    notifyAll();
  }

  private void loop() {
    try {
      while (true) {
        boolean recover;
        synchronized (this) {
          while (!wanted && newcomers.isEmpty()) {
            wait();
          }
          recover = wanted;
          wanted = false;
        }
        if (recover) {
          recover();
        } else {
          letIn();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      owner.failed(e);
    }
  }

  private void recover() throws InterruptedException {
    long start;
    long silent;
    synchronized (this) {
      start = wantedSince;
      silent = silentNanos;
      silentNanos = 0;
    }
    RecoveryProtocol.Outcome outcome =
        new RecoveryProtocol(survivors, planner, calls, new OfJob()).run();
    RecoveryRecord entry =
        RecoveryRecord.newBuilder()
            .setEpoch(outcome.epoch())
            .setStep(outcome.plan().step())
            .setLost(outcome.lost())
            .setSilentSeconds(silent / 1e9)
            .setSeconds((nanoTime.getAsLong() - start) / 1e9)
            .build();
    LOG.info(
        "training goes on at epoch {} from step {} after {} s, {} steps are done again: {}",
        entry.getEpoch(),
        entry.getStep(),
        entry.getSeconds(),
        entry.getLost(),
        outcome.plan().placement().describe());
    synchronized (this) {
      history.addLast(entry);
      if (history.size() > HISTORY) {
        history.removeFirst();
      }
      if (!wanted) {
        active = false;
        status = "";
      }
    }
  }

  /** Nodes come back while training goes on: they get no layers before a move. */
  private void letIn() throws InterruptedException {
    RecoveryProtocol.Members now = new OfJob().members();
    if (!owner.begin()) {
      new OfJob().pause(JOIN_BACKOFF, now);
      return;
    }
    try {
      for (NodeId node : now.newcomers()) {
        survivors.welcome(node, owner.state().topology(), started());
      }
      List<NodeId> route = route(now.alive());
      long revision = nextNumber();
      for (NodeId node : now.newcomers()) {
        survivors.regroup(node, revision, route);
      }
      for (NodeId node : now.alive()) {
        survivors.regroup(node, revision, route);
      }
      now.newcomers().forEach(node -> new OfJob().welcomed(node, now));
      LOG.info("nodes {} are back, without layers; messages go by {}", now.newcomers(), route);
    } catch (IOException e) {
      LOG.warn("nodes {} cannot be let in yet: {}", now.newcomers(), e.getMessage());
      new OfJob().pause(JOIN_BACKOFF, now);
    } finally {
      owner.end();
    }
  }

  /** The longest way that has all nodes with layers. */
  private List<NodeId> route(List<NodeId> alive) throws IOException {
    Placement placement = owner.state().topology().placement();
    return planner.routes(alive).stream()
        .filter(way -> way.containsAll(placement.nodeOfLayer()))
        .max(Comparator.comparingInt(List::size))
        .orElseThrow(() -> new IOException("no way leads to all of " + placement.describe()));
  }

  private Instant started() {
    return owner
        .state()
        .started()
        .orElseThrow(() -> new IllegalStateException("training has not begun"));
  }

  private long nextNumber() {
    long first = owner.state().life() << NUMBER_BITS;
    synchronized (this) {
      return first + ++numbers;
    }
  }

  @Override
  public void close() {
    synchronized (this) {
      closed = true;
    }
    thread.interrupt();
  }

  /** What one recovery sees. */
  private final class OfJob implements RecoveryProtocol.Job {
    @Override
    public RecoveryProtocol.Members members() {
      synchronized (Recoveries.this) {
        return new RecoveryProtocol.Members(
            version,
            job.nodes().stream().map(NodeSpec::id).filter(detector::alive).toList(),
            List.copyOf(newcomers));
      }
    }

    @Override
    public void welcomed(NodeId node, RecoveryProtocol.Members since) {
      synchronized (Recoveries.this) {
        if (version == since.version()) {
          newcomers.remove(node);
        }
      }
    }

    @Override
    public long nextRecovery() {
      return nextNumber();
    }

    @Override
    public SplitTopology topology() {
      return owner.state().topology();
    }

    @Override
    public long stepsKnown() {
      return owner.progress().nextStep();
    }

    @Override
    public Instant started() {
      return Recoveries.this.started();
    }

    @Override
    public void commit(GoOn plan) throws IOException {
      owner.commit(plan);
    }

    @Override
    public void awaitChange(RecoveryProtocol.Members since) throws InterruptedException {
      synchronized (Recoveries.this) {
        while (version == since.version()) {
          Recoveries.this.wait();
        }
      }
    }

    @Override
    public void pause(Duration time, RecoveryProtocol.Members since) throws InterruptedException {
      synchronized (Recoveries.this) {
        long until = nanoTime.getAsLong() + time.toNanos();
        long left = time.toNanos();
        while (version == since.version() && left > 0) {
          Recoveries.this.wait(left / 1_000_000, (int) (left % 1_000_000));
          left = until - nanoTime.getAsLong();
        }
      }
    }

    @Override
    public void entered(RecoveryState state, String detail) {
      if (state == RecoveryState.HALTING) {
        synchronized (Recoveries.this) {
          wanted = false; // what has happened so far is seen by this attempt, or ends it
        }
      }
      status = state == RecoveryState.WAITING ? "waiting for " + detail : "recovering: " + state;
    }
  }
}
