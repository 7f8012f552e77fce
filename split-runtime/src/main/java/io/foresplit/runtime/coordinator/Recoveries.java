package io.foresplit.runtime.coordinator;

import io.foresplit.contract.JobSpec;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.Placement;
import io.foresplit.contract.ReplicationSpec;
import io.foresplit.contract.SplitTopology;
import io.foresplit.runtime.coordinator.FailureDetector.Death;
import io.foresplit.runtime.coordinator.RecoveryPlan.GoOn;
import io.foresplit.runtime.link.LinkCompressions;
import io.foresplit.runtime.plan.CutPlanner;
import io.foresplit.runtime.proto.HeldStep;
import io.foresplit.runtime.proto.RecoveryRecord;
import io.foresplit.runtime.proto.StepRecord;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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

  private final ReplicationSpec spec;
  private final Survivors survivors;
  private final Owner owner;
  private final LongSupplier nanoTime;
  private final Executor calls;
  private final RecoveryPlanner planner;

  /** Whether nodes come back by a recovery, as clients take part in steps wherever layers are. */
  private final boolean regroups;

  private final Roster roster;
  private final Thread thread;

  // guarded by this
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

    /** Nodes have come back: layers may go to a better placement. */
    void rebalance();

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
    this.spec = spec;
    this.survivors = survivors;
    this.owner = owner;
    this.nanoTime = nanoTime;
    this.calls = calls;
    roster = new Roster(job, spec, heartbeat, () -> owner.state().topology(), nanoTime);
    regroups = job.scheme().pinsClients();
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

  /** Whether nodes that have come back are still to be let in while nothing else changes. */
  boolean lettingIn() {
    return !regroups && roster.lettingIn();
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

  boolean alive(NodeId node) {
    return roster.alive(node);
  }

  /** A process life of a node is there; one that comes to a training under way has no layers. */
  void join(NodeId node, String incarnation, boolean underWay) {
    Optional<String> replaced = roster.join(node, incarnation, underWay);
    if (!underWay) {
      return;
    }
    replaced.ifPresent(
        life -> {
          LOG.warn("node {} is there anew before it was missed: what it held is gone", node);
          owner.died(Map.of(node, life));
          want();
        });
    if (regroups) {
      calls.execute(() -> admit(node));
    }
    synchronized (this) {
      notifyAll();
    }
  }

  /** As {@link Roster#beat}. */
  boolean beat(NodeId node, String incarnation, List<HeldStep> states) {
    return roster.beat(node, incarnation, states);
  }

  /** As {@link Roster#recoveryPoint}. */
  long recoveryPoint() {
    return active ? 0 : roster.recoveryPoint(owner.progress().nextStep());
  }

  /** Looks for dead nodes; called several times a heartbeat. */
  void look() {
    Map<NodeId, Death> died = roster.look();
    synchronized (this) {
      if (died.isEmpty() || closed) {
        return;
      }
      active = true;
      status = "recovering: " + RecoveryState.DETECTED;
      silentNanos = died.values().stream().mapToLong(Death::silentNanos).max().orElse(0);
    }
    LOG.warn(
        "nodes {} are dead: {} heartbeats missed", died.keySet(), FailureDetector.MISSED_BEATS);
    Map<NodeId, String> lives = new TreeMap<>();
    died.forEach((node, death) -> lives.put(node, death.incarnation()));
    owner.died(lives);
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

  private void loop() {
    try {
      while (true) {
        boolean recover;
        synchronized (this) {
          while (!wanted && !lettingIn()) {
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

  /**
   * Lets a node in, however long it takes to be ready, and only then has the others stop for it.
   */
  private void admit(NodeId node) {
    try {
      while (roster.waits(node) && !closed()) {
        try {
          welcome(node);
          roster.admit(node);
          want();
        } catch (IOException e) {
          LOG.info("node {} cannot be let in yet: {}", node, e.getMessage());
          roster.pause(JOIN_BACKOFF, roster.members());
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void welcome(NodeId node) throws IOException {
    CoordinatorState now = owner.state();
    survivors.welcome(node, now.topology(), now.compression(), started());
  }

  private synchronized boolean closed() {
    return closed;
  }

  /** Nodes come back while training goes on: they get no layers before a move. */
  private void letIn() throws InterruptedException {
    RecoveryProtocol.Members now = roster.members();
    if (!owner.begin()) {
      roster.pause(JOIN_BACKOFF, now);
      return;
    }
    try {
      for (NodeId node : now.newcomers()) {
        welcome(node);
      }
      List<NodeId> route = route(now.alive());
      long revision = nextNumber();
      for (NodeId node : now.newcomers()) {
        survivors.regroup(node, revision, route);
      }
      for (NodeId node : now.alive()) {
        survivors.regroup(node, revision, route);
      }
      now.newcomers().forEach(node -> roster.welcomed(node, now));
      LOG.info("nodes {} are back, without layers; messages go by {}", now.newcomers(), route);
    } catch (IOException e) {
      LOG.warn("nodes {} cannot be let in yet: {}", now.newcomers(), e.getMessage());
      roster.pause(JOIN_BACKOFF, now);
    } finally {
      owner.end();
    }
    if (spec.rebalance() && !lettingIn()) {
      owner.rebalance();
    }
  }

  /** The longest way that has all nodes with layers. */
  private List<NodeId> route(List<NodeId> alive) throws IOException {
    Placement placement = owner.state().topology().placement();
    return WayLeft.longest(planner.job(), alive, placement)
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
      return roster.members();
    }

    @Override
    public void welcomed(NodeId node, RecoveryProtocol.Members since) {
      roster.welcomed(node, since);
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
    public LinkCompressions compression() {
      return owner.state().compression();
    }

    @Override
    public long stepsKnown() {
      return owner.progress().nextStep();
    }

    @Override
    public void logged(long since, List<StepRecord> steps) {
      owner.progress().add(since, steps);
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
      roster.awaitChange(since);
    }

    @Override
    public void pause(Duration time, RecoveryProtocol.Members since) throws InterruptedException {
      roster.pause(time, since);
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
