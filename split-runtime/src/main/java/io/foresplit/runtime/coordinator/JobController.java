package io.foresplit.runtime.coordinator;

import io.foresplit.contract.ActionId;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.NodeSpec;
import io.foresplit.contract.SplitTopology;
import io.foresplit.runtime.coordinator.Attendance.Phase;
import io.foresplit.runtime.coordinator.Attendance.Registration;
import io.foresplit.runtime.link.LinkCompressions;
import io.foresplit.runtime.proto.HeldStep;
import io.foresplit.runtime.proto.RecoveryRecord;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One job: which nodes are there, what is in force, who may change it. A change is durable before
 * anyone hears of it. Thread-safe.
 */
final class JobController implements Recoveries.Owner, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(JobController.class);
  private static final long BACKOFF_MILLIS = 200;

  /**
   * Heartbeats, and seconds besides, for which a new coordinator waits for the nodes to register.
   */
  private static final int GATHER_BEATS = 3;

  private static final int GATHER_SECONDS = 2;

  private final DurableState durable;
  private final NodeClients clients;
  private final InstantSource wall;
  private final Executor work;
  private final CoordinatorOptions options;
  private final LongSupplier nanoTime;
  private final long startNanos;
  private final Optional<Recoveries> recoveries;
  private final JobActions actions;
  private final Consumer<Throwable> fatal;
  private final ProgressLog progress = new ProgressLog();
  private final CountDownLatch closed = new CountDownLatch(1);

  // guarded by this
  private final Attendance attendance;
  private boolean regrouping;

  /**
   * A job.
   *
   * @param work runs what must not block a call
   * @param nanoTime monotonic, by which heartbeats are missed
   * @param fatal told when training cannot begin
   */
  JobController(
      DurableState durable,
      NodeClients clients,
      InstantSource wall,
      LongSupplier nanoTime,
      Executor work,
      CoordinatorOptions options,
      Consumer<Throwable> fatal) {
    this.durable = durable;
    this.clients = clients;
    this.wall = wall;
    this.work = work;
    this.nanoTime = nanoTime;
    this.options = options;
    this.fatal = fatal;
    attendance = new Attendance(options.job());
    actions = new JobActions(this, clients, work, options.movePolicy());
    startNanos = nanoTime.getAsLong();
    recoveries =
        options
            .replication()
            .map(
                spec ->
                    new Recoveries(
                        options.job(),
                        spec,
                        options.heartbeat(),
                        new RecoveryClients(clients),
                        this,
                        nanoTime,
                        work));
  }

  DurableState durable() {
    return durable;
  }

  /** What controllers ask for. */
  JobActions actions() {
    return actions;
  }

  CoordinatorOptions options() {
    return options;
  }

  /** Begins to watch nodes. */
  void start() {
    recoveries.ifPresent(Recoveries::start);
  }

  @Override
  public CoordinatorState state() {
    return durable.get();
  }

  @Override
  public ProgressLog progress() {
    return progress;
  }

  synchronized List<NodeId> registered() {
    return List.copyOf(attendance.nodes());
  }

  /**
   * Adds a node; when all are there, training begins or goes on. Where layers outlive their node, a
   * new process life of one that has died is let in, without layers.
   *
   * @param begun whether it holds layers of a training
   * @param halted whether it waits to be restored
   */
  synchronized CoordinatorState register(
      NodeId node, String address, String incarnation, boolean begun, boolean halted) {
    state().requireNotFenced(node, incarnation);
    Registration process = new Registration(incarnation, begun, halted);
    if (!attendance.accepts(node, process, recoveries.isPresent())) {
      return state();
    }
    boolean underWay = attendance.phase() == Phase.TRAINING;
    recoveries.ifPresent(r -> r.join(node, incarnation, underWay));
    clients.put(node, address);
    attendance.put(node, process);
    if (!underWay && attendance.complete()) {
      attendance.enter(Phase.STARTING);
      work.execute(this::startTraining);
    }
    return state();
  }

  /**
   * A node says that it is there.
   *
   * @return whether it is registered with this process life; when not, it is to register
   * @throws IllegalStateException when its process was declared dead and is to end
   */
  boolean beat(NodeId node, String incarnation, List<HeldStep> held) {
    synchronized (this) {
      state().requireNotFenced(node, incarnation);
      if (!attendance.knows(node, incarnation)) {
        return false;
      }
    }
    return recoveries.map(r -> r.beat(node, incarnation, held)).orElse(true);
  }

  /** Before which step no node needs to keep anything; 0 when that cannot be told. */
  long recoveryPoint() {
    return recoveries.map(Recoveries::recoveryPoint).orElse(0L);
  }

  /** Looks for nodes that have died; called several times a heartbeat. */
  void watch() {
    synchronized (this) {
      Duration gather = options.heartbeat().multipliedBy(GATHER_BEATS).plusSeconds(GATHER_SECONDS);
      if (attendance.phase() == Phase.GATHERING
          && recoveries.isPresent()
          && state().started().isPresent()
          && !attendance.nodes().isEmpty()
          && nanoTime.getAsLong() - startNanos > gather.toNanos()) {
        LOG.warn("of the nodes, {} are here: training goes on with them", attendance.nodes());
        attendance.enter(Phase.STARTING);
        work.execute(this::startTraining);
      }
      if (attendance.phase() != Phase.TRAINING) {
        return;
      }
    }
    recoveries.ifPresent(Recoveries::look);
  }

  @Override
  public synchronized void died(Map<NodeId, String> lives) {
    durable.keep(s -> s.withFenced(lives.values()));
    lives.forEach(
        (node, incarnation) -> {
          if (attendance.leave(node, incarnation)) {
            clients.drop(node);
          }
        });
  }

  @Override
  public synchronized void commit(RecoveryPlan.GoOn plan) throws IOException {
    durable.commit(plan);
    progress.redo(plan.step(), state().topology().epoch());
  }

  @Override
  public synchronized boolean begin() {
    regrouping = actions.underWay().isEmpty();
    return regrouping;
  }

  @Override
  public synchronized void end() {
    regrouping = false;
  }

  @Override
  public void rebalance() {
    work.execute(
        () -> {
          try {
            actions.rebalance();
          } catch (IOException | RuntimeException e) {
            LOG.warn("layers stay where they are: {}", e.getMessage());
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
  }

  @Override
  public void failed(Throwable reason) {
    LOG.error("the recovery of job {} has failed", options.job().id(), reason);
    fatal.accept(reason);
  }

  /** The last recoveries, oldest first. */
  List<RecoveryRecord> history() {
    return recoveries.map(Recoveries::history).orElse(List.of());
  }

  /** Grows with each recovery. */
  long recoveries() {
    return recoveries.map(Recoveries::generation).orElse(0L);
  }

  /** Whether a node is not known to be dead. */
  boolean alive(NodeId node) {
    return recoveries.isEmpty() || recoveries.get().alive(node);
  }

  /**
   * Whether what was begun can have no more of a node: it is dead, or a recovery has overtaken it.
   *
   * @param since {@link #recoveries} when it was begun
   */
  boolean lost(NodeId node, long since) {
    return recoveries() != since || !alive(node);
  }

  /** What steps wait for, or some client's work alone; empty while all goes on. */
  String condition() {
    synchronized (this) {
      if (attendance.phase() != Phase.TRAINING) {
        return "nodes " + attendance.nodes() + " are here";
      }
    }
    String status = recoveries.map(Recoveries::status).orElse("");
    return status.isEmpty() ? clientsAway() : status;
  }

  private String clientsAway() {
    List<NodeId> there = state().topology().job().clients();
    List<String> away =
        options.job().clients().stream()
            .filter(client -> !there.contains(client))
            .map(NodeId::value)
            .toList();
    return away.isEmpty()
        ? ""
        : there.size() + " clients train on, waiting for data owner " + String.join(", ", away);
  }

  /** The job as declared, with the placement it begins with. */
  SplitTopology declared() {
    return new SplitTopology(options.job(), 0, options.initial(), Instant.EPOCH);
  }

  /** Why there can be no action now, not counting others that are under way. */
  synchronized Optional<String> busy() {
    if (attendance.phase() != Phase.TRAINING) {
      return Optional.of("training is not under way: nodes " + attendance.nodes() + " are here");
    }
    if (recovering()) {
      return Optional.of("training is " + condition());
    }
    if (regrouping || recoveries.map(Recoveries::lettingIn).orElse(false)) {
      return Optional.of("a node that has come back is being let in");
    }
    return Optional.empty();
  }

  long millis() {
    return wall.millis();
  }

  synchronized void commit(LayerMove move, long movedBytes) throws IOException {
    requireNoRecovery();
    durable.commit(move, movedBytes);
  }

  synchronized void commit(ActionId action, long epoch, LinkCompressions next) throws IOException {
    requireNoRecovery();
    durable.commit(action, epoch, next);
  }

  private void requireNoRecovery() throws IOException {
    if (recovering()) {
      throw new IOException("a node has died, its recovery goes first");
    }
  }

  private boolean recovering() {
    return recoveries.map(Recoveries::active).orElse(false);
  }

  /** Lets time pass; throws when the coordinator ends. */
  void backoff(long millis) throws InterruptedException {
    if (closed.await(millis, TimeUnit.MILLISECONDS)) {
      throw new InterruptedException("the coordinator ends");
    }
  }

  private void startTraining() {
    try {
      Map<NodeId, Registration> processes;
      synchronized (this) {
        processes = Map.copyOf(attendance.processes());
      }
      new Beginning(
              options,
              durable,
              clients,
              recoveries,
              progress,
              wall,
              work,
              () -> backoff(BACKOFF_MILLIS))
          .with(processes);
      synchronized (this) {
        attendance.enter(Phase.TRAINING);
      }
      actions.begin();
    } catch (IOException | RuntimeException e) {
      LOG.error("training cannot begin: {}", e.getMessage());
      fatal.accept(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  List<NodeId> nodes() {
    return state().topology().job().participants().stream().map(NodeSpec::id).toList();
  }

  /** Has every node end. */
  void stopNodes() {
    for (NodeId node : registered()) {
      try {
        clients.stop(node);
      } catch (IOException e) {
        LOG.warn("could not be told to end: {}", e.getMessage());
      }
    }
  }

  @Override
  public void close() {
    recoveries.ifPresent(Recoveries::close);
    closed.countDown();
  }
}
