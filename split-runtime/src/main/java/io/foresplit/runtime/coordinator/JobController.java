package io.foresplit.runtime.coordinator;

import io.foresplit.contract.ActionId;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.NodeSpec;
import io.foresplit.contract.Placement;
import io.foresplit.contract.ReplicationSpec;
import io.foresplit.contract.TrainingRuntime.MoveResult;
import io.foresplit.contract.TrainingRuntime.State;
import io.foresplit.runtime.TopologySink;
import io.foresplit.runtime.coordinator.Attendance.Phase;
import io.foresplit.runtime.coordinator.Attendance.Registration;
import io.foresplit.runtime.proto.HeldStep;
import io.foresplit.runtime.proto.RecoveryRecord;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
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
  private static final long BEGIN_SECONDS = 10;

  /**
   * Heartbeats, and seconds besides, for which a new coordinator waits for the nodes to register.
   */
  private static final int GATHER_BEATS = 3;

  private static final int GATHER_SECONDS = 2;

  private final StateFile file;
  private final NodeClients clients;
  private final TopologySink sink;
  private final InstantSource wall;
  private final Executor work;
  private final CoordinatorOptions options;
  private final LongSupplier nanoTime;
  private final long startNanos;
  private final Optional<Recoveries> recoveries;
  private final Consumer<Throwable> fatal;
  private final ProgressLog progress = new ProgressLog();
  private final CountDownLatch begun = new CountDownLatch(1);
  private final CountDownLatch closed = new CountDownLatch(1);

  // guarded by this
  private CoordinatorState state;
  private final Attendance attendance;
  private boolean regrouping;
  private final Map<ActionId, CompletableFuture<MoveResult>> running = new HashMap<>();

  /**
   * A job.
   *
   * @param state what is durable
   * @param work runs what must not block a call
   * @param nanoTime monotonic, by which heartbeats are missed
   * @param fatal told when training cannot begin
   */
  JobController(
      CoordinatorState state,
      StateFile file,
      NodeClients clients,
      TopologySink sink,
      InstantSource wall,
      LongSupplier nanoTime,
      Executor work,
      CoordinatorOptions options,
      Consumer<Throwable> fatal) {
    this.state = state;
    this.file = file;
    this.clients = clients;
    this.sink = sink;
    this.wall = wall;
    this.work = work;
    this.nanoTime = nanoTime;
    this.options = options;
    this.fatal = fatal;
    attendance = new Attendance(options.job());
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
    clients.lead(state.life(), state.term());
  }

  CoordinatorOptions options() {
    return options;
  }

  /** Begins to watch nodes. */
  void start() {
    recoveries.ifPresent(Recoveries::start);
  }

  @Override
  public synchronized CoordinatorState state() {
    return state;
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
    state.requireNotFenced(node, incarnation);
    Registration process = new Registration(incarnation, begun, halted);
    if (!attendance.accepts(node, process, recoveries.isPresent())) {
      return state;
    }
    boolean underWay = attendance.phase() == Phase.TRAINING;
    recoveries.ifPresent(r -> r.join(node, incarnation, underWay));
    clients.put(node, address);
    attendance.put(node, process);
    if (!underWay && attendance.complete()) {
      attendance.enter(Phase.STARTING);
      work.execute(this::startTraining);
    }
    return state;
  }

  /**
   * A node says that it is there.
   *
   * @return whether it is registered with this process life; when not, it is to register
   * @throws IllegalStateException when its process was declared dead and is to end
   */
  boolean beat(NodeId node, String incarnation, List<HeldStep> held) {
    synchronized (this) {
      state.requireNotFenced(node, incarnation);
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
          && state.started().isPresent()
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
    try {
      update(state.withFenced(lives.values()));
    } catch (IOException e) {
      LOG.error("that {} are dead could not be kept: {}", lives.keySet(), e.getMessage());
      state = state.withFenced(lives.values());
    }
    lives.forEach(
        (node, incarnation) -> {
          if (attendance.leave(node, incarnation)) {
            clients.drop(node);
          }
        });
  }

  @Override
  public synchronized void commit(RecoveryPlan.GoOn plan) throws IOException {
    update(state.withPlacement(plan.placement(), wall.instant()));
    progress.redo(plan.step(), state.topology().epoch());
    sink.announce(state.topology());
  }

  @Override
  public synchronized boolean begin() {
    regrouping = running.isEmpty();
    return regrouping;
  }

  @Override
  public synchronized void end() {
    regrouping = false;
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

  /** What steps wait for; empty while they go on. */
  String condition() {
    synchronized (this) {
      if (attendance.phase() != Phase.TRAINING) {
        return "nodes " + attendance.nodes() + " are here";
      }
    }
    return recoveries.map(Recoveries::status).orElse("");
  }

  /** Refuses terms below this one from now on. */
  synchronized void fence(long term) throws IOException {
    if (term < state.term()) {
      throw new IllegalStateException(
          "term " + term + " is fenced off, the highest one is " + state.term());
    }
    if (term > state.term()) {
      update(state.withTerm(term));
    }
  }

  /** What became of an action. */
  synchronized Optional<MoveResult> status(ActionId action) {
    return Optional.ofNullable(state.results().get(action));
  }

  /**
   * Moves layers; blocks until it is over. After a restart it waits a while for training to go on.
   */
  MoveResult move(ActionId action, long term, long epoch, Placement target)
      throws IOException, InterruptedException {
    CompletableFuture<MoveResult> done = new CompletableFuture<>();
    CompletableFuture<MoveResult> before;
    LayerMove move;
    boolean unused = begun.await(BEGIN_SECONDS, TimeUnit.SECONDS);
    synchronized (this) {
      before = running.get(action);
      if (before == null) {
        MoveResult kept = state.results().get(action);
        if (kept != null) {
          return kept;
        }
        Optional<String> refusal = refusal(term, epoch, target);
        if (refusal.isPresent()) {
          LOG.warn("move {} is refused: {}", action, refusal.get());
          return new MoveResult(State.REFUSED, state.topology().epoch(), 0, 0, refusal.get());
        }
        update(
            state
                .withTerm(term)
                .withResult(action, new MoveResult(State.IN_PROGRESS, epoch, 0, 0, "")));
        running.put(action, done);
      }
      move = new LayerMove(action, epoch, state.topology().placement(), target);
    }
    return before == null ? run(move, done) : before.join();
  }

  private Optional<String> refusal(long term, long epoch, Placement target) {
    return state
        .stale(term, epoch)
        .or(this::busy)
        .or(() -> state.disallowed(target))
        .or(() -> gone(target));
  }

  private Optional<String> gone(Placement target) {
    return target.nodeOfLayer().stream()
        .filter(node -> !alive(node))
        .findFirst()
        .map(node -> "node " + node + " is dead");
  }

  private Optional<String> busy() {
    if (attendance.phase() != Phase.TRAINING) {
      return Optional.of("training is not under way: nodes " + attendance.nodes() + " are here");
    }
    if (recoveries.isPresent() && recoveries.get().active()) {
      return Optional.of("training is " + recoveries.get().status());
    }
    if (regrouping || recoveries.map(Recoveries::lettingIn).orElse(false)) {
      return Optional.of("a node that has come back is being let in");
    }
    return running.isEmpty()
        ? Optional.empty()
        : Optional.of("action " + running.keySet().iterator().next() + " is under way");
  }

  private MoveResult run(LayerMove move, CompletableFuture<MoveResult> done)
      throws InterruptedException {
    try {
      MoveResult result =
          new MoveProtocol(
                  move,
                  nodes().stream().filter(this::alive).toList(),
                  clients,
                  work,
                  options.movePolicy(),
                  new MoveOfJob(this, move, recoveries()))
              .run();
      synchronized (this) {
        keep(move.action(), result);
        running.remove(move.action());
      }
      LOG.info("move {} is {}: {}", move.action(), result.state(), result.detail());
      done.complete(result);
      return result;
    } catch (InterruptedException | RuntimeException e) {
      done.completeExceptionally(e);
      throw e;
    }
  }

  /** The commit point: one durable write of epoch, placement and result. */
  synchronized void commit(LayerMove move, long movedBytes) throws IOException {
    if (move.epoch() != state.topology().epoch()
        || (recoveries.isPresent() && recoveries.get().active())) {
      throw new IOException("a node has died, its recovery goes first");
    }
    long epoch = move.epoch() + 1;
    update(
        state
            .withPlacement(move.to(), wall.instant())
            .withResult(
                move.action(), new MoveResult(State.COMMITTED, epoch, 0, movedBytes, "committed")));
    sink.announce(state.topology());
  }

  /** Keeps how a move ended; its outcome is durable already, so a failing disk loses no truth. */
  private void keep(ActionId action, MoveResult result) {
    try {
      update(state.withResult(action, result));
    } catch (IOException e) {
      LOG.error("the result of move {} could not be kept: {}", action, e.getMessage());
      state = state.withResult(action, result);
    }
  }

  private void update(CoordinatorState next) throws IOException {
    file.save(next);
    state = next;
    clients.lead(next.life(), next.term());
  }

  long millis() {
    return wall.millis();
  }

  /** Lets time pass; throws when the coordinator ends. */
  void backoff(long millis) throws InterruptedException {
    if (closed.await(millis, TimeUnit.MILLISECONDS)) {
      throw new InterruptedException("the coordinator ends");
    }
  }

  /** All nodes are there, or those that are left after a restart. */
  private void startTraining() {
    try {
      long holders;
      boolean halted;
      synchronized (this) {
        holders = attendance.holders();
        halted = attendance.anyHalted();
      }
      if (recoverable() && (halted || holders < nodes().size())) {
        recover();
        return;
      }
      if (holders == 0) {
        begin(new TrainingStart(nodes(), clients, work));
      } else if (holders == nodes().size()) {
        new TrainingStart(nodes(), clients, work).goOn(state(), this::backoff);
      } else {
        throw new IllegalStateException(
            "some nodes hold layers of a training that others have lost; start all nodes anew");
      }
      synchronized (this) {
        attendance.enter(Phase.TRAINING);
      }
      begun.countDown();
    } catch (IOException | RuntimeException e) {
      LOG.error("training cannot begin: {}", e.getMessage());
      fatal.accept(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether training has begun and something of it may be left. */
  private synchronized boolean recoverable() {
    return state.started().isPresent()
        && recoveries.isPresent()
        && (options.replication().flatMap(ReplicationSpec::folder).isPresent()
            || attendance.holders() > 0);
  }

  /** After a restart of the coordinator that has found nodes dead, anew or within a recovery. */
  private void recover() {
    synchronized (this) {
      recoveries.ifPresent(
          r -> {
            attendance
                .processes()
                .forEach(
                    (node, process) -> {
                      if (!process.begun()) {
                        r.join(node, process.incarnation(), true);
                      }
                    });
            r.want();
          });
      attendance.enter(Phase.TRAINING);
    }
    begun.countDown();
  }

  private void begin(TrainingStart start) throws IOException {
    if (state().started().isPresent()) {
      LOG.warn("no node holds layers of the training before; it begins from scratch");
      progress.clear();
    }
    start.prepare(state().topology());
    Instant now = Instant.ofEpochMilli(wall.millis());
    synchronized (this) {
      update(state.withStarted(now));
    }
    start.begin(state(), now);
  }

  private List<NodeId> nodes() {
    return state().topology().job().nodes().stream().map(NodeSpec::id).toList();
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

  /** Tells the sink what is in force. */
  void announce() {
    sink.announce(state().topology());
  }

  @Override
  public void close() {
    recoveries.ifPresent(Recoveries::close);
    closed.countDown();
  }
}
