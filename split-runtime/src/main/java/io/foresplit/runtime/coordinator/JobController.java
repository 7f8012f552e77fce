package io.foresplit.runtime.coordinator;

import io.foresplit.contract.ActionId;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.NodeSpec;
import io.foresplit.contract.Placement;
import io.foresplit.contract.TrainingRuntime.MoveResult;
import io.foresplit.contract.TrainingRuntime.State;
import io.foresplit.runtime.TopologySink;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One job: which nodes are there, what is in force, who may change it. A change is durable before
 * anyone hears of it. Thread-safe.
 */
final class JobController implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(JobController.class);
  private static final long BACKOFF_MILLIS = 200;
  private static final long BEGIN_SECONDS = 10;

  private final StateFile file;
  private final NodeClients clients;
  private final TopologySink sink;
  private final InstantSource wall;
  private final Executor work;
  private final MovePolicy movePolicy;
  private final Consumer<Throwable> fatal;
  private final ProgressLog progress = new ProgressLog();
  private final CountDownLatch begun = new CountDownLatch(1);
  private final CountDownLatch closed = new CountDownLatch(1);

  // guarded by this
  private CoordinatorState state;
  private final Map<NodeId, Registration> registered = new TreeMap<>();
  private Phase phase = Phase.GATHERING;
  private final Map<ActionId, CompletableFuture<MoveResult>> running = new HashMap<>();

  private record Registration(String incarnation, boolean begun) {}

  /** From the coordinator's start to the end. */
  private enum Phase {
    GATHERING,
    STARTING,
    TRAINING
  }

  /**
   * A job.
   *
   * @param state what is durable
   * @param work runs what must not block a call
   * @param movePolicy when layers are copied while training goes on
   * @param fatal told when training cannot begin
   */
  JobController(
      CoordinatorState state,
      StateFile file,
      NodeClients clients,
      TopologySink sink,
      InstantSource wall,
      Executor work,
      MovePolicy movePolicy,
      Consumer<Throwable> fatal) {
    this.state = state;
    this.file = file;
    this.clients = clients;
    this.sink = sink;
    this.wall = wall;
    this.work = work;
    this.movePolicy = movePolicy;
    this.fatal = fatal;
    clients.lead(state.life(), state.term());
  }

  synchronized CoordinatorState state() {
    return state;
  }

  ProgressLog progress() {
    return progress;
  }

  synchronized List<NodeId> registered() {
    return List.copyOf(registered.keySet());
  }

  /** Adds a node; when all are there, training begins or goes on. */
  synchronized CoordinatorState register(
      NodeId node, String address, String incarnation, boolean begun) {
    JobSpec job = state.topology().job();
    if (job.node(node).isEmpty()) {
      throw new IllegalArgumentException(
          "node "
              + node
              + " is not part of job "
              + job.id()
              + ", its nodes are "
              + job.participants().stream().map(NodeSpec::id).toList());
    }
    Registration old = registered.get(node);
    if (phase != Phase.GATHERING) {
      if (old == null || !old.incarnation().equals(incarnation)) {
        throw new IllegalStateException(
            "training is under way and the layers of node "
                + node
                + " went with the process before; start the job anew with another data folder");
      }
      return state;
    }
    clients.put(node, address);
    registered.put(node, new Registration(incarnation, begun));
    if (registered.size() == job.participants().size()) {
      phase = Phase.STARTING;
      work.execute(this::start);
    }
    return state;
  }

  /** Whether a node is registered with this process life. */
  synchronized boolean knows(NodeId node, String incarnation) {
    Registration registration = registered.get(node);
    return registration != null && registration.incarnation().equals(incarnation);
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
        .or(() -> state.pinned(target));
  }

  private Optional<String> busy() {
    if (phase != Phase.TRAINING) {
      return Optional.of("training is not under way: nodes " + registered.keySet() + " are here");
    }
    return running.isEmpty()
        ? Optional.empty()
        : Optional.of("action " + running.keySet().iterator().next() + " is under way");
  }

  private MoveResult run(LayerMove move, CompletableFuture<MoveResult> done)
      throws InterruptedException {
    try {
      MoveResult result =
          new MoveProtocol(move, nodes(), clients, work, policy(), new MoveOfJob(this, move)).run();
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

  /** What goes into layers is recorded for steps of one pass alone. */
  private MovePolicy policy() {
    return state().topology().job().scheme().isPlain() ? movePolicy : MovePolicy.stopAndCopy();
  }

  /** The commit point: one durable write of epoch, placement and result. */
  synchronized void commit(LayerMove move, long movedBytes) throws IOException {
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

  /** All nodes are there. */
  private void start() {
    try {
      long holders;
      synchronized (this) {
        holders = registered.values().stream().filter(Registration::begun).count();
      }
      if (holders == 0) {
        beginTraining();
      } else if (holders == nodes().size()) {
        goOn();
      } else {
        throw new IllegalStateException(
            "some nodes hold layers of a training that others have lost; start all nodes anew");
      }
      synchronized (this) {
        phase = Phase.TRAINING;
      }
      begun.countDown();
    } catch (IOException | RuntimeException e) {
      LOG.error("training cannot begin: {}", e.getMessage());
      fatal.accept(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void beginTraining() throws IOException {
    CoordinatorState now = state();
    if (now.started().isPresent()) {
      LOG.warn("no node holds layers of the training before; it begins from scratch");
      progress.clear();
    }
    Map<NodeId, CompletableFuture<@Nullable IOException>> prepared = new TreeMap<>();
    for (NodeId node : nodes()) {
      prepared.put(
          node,
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  clients.prepare(node, now.topology(), 0);
                  return null;
                } catch (IOException e) {
                  return e;
                }
              },
              work));
    }
    for (CompletableFuture<@Nullable IOException> outcome : prepared.values()) {
      IOException problem = outcome.join();
      if (problem != null) {
        throw problem;
      }
    }
    Instant start = Instant.ofEpochMilli(wall.millis());
    synchronized (this) {
      update(state.withStarted(start));
    }
    for (NodeId node : nodes()) {
      clients.begin(node, start);
    }
    long unused = clients.resume(startAction(now, 0), now.topology().epoch());
    LOG.info("training of job {} begins: {}", now.topology().job().id(), describe(now));
  }

  /** After a restart: brings every node to what is durable, then lets steps go on. */
  private void goOn() throws InterruptedException {
    CoordinatorState now = state();
    for (int attempt = 1; ; attempt++) {
      ActionId reason = startAction(now, attempt);
      try {
        long nextStep = clients.hold(reason);
        for (NodeId node : nodes()) {
          for (Map.Entry<ActionId, MoveResult> entry : now.results().entrySet()) {
            if (entry.getValue().state() == State.ABORTED) {
              clients.abort(node, entry.getKey());
            }
          }
          clients.activate(
              node,
              now.committedBy(),
              now.topology().epoch(),
              now.topology().placement(),
              nextStep);
        }
        long paused = clients.resume(reason, now.topology().epoch());
        LOG.info("training goes on after {} ms: {}", paused, describe(now));
        return;
      } catch (IOException e) {
        LOG.warn("training cannot go on yet: {}", e.getMessage());
        backoff(BACKOFF_MILLIS);
      }
    }
  }

  /** For which the coordinator holds steps when it starts; a new one each time. */
  private static ActionId startAction(CoordinatorState state, int attempt) {
    return new ActionId("coordinator-start-" + state.life() + "-" + attempt);
  }

  private static String describe(CoordinatorState state) {
    return "epoch " + state.topology().epoch() + ", " + state.topology().placement().describe();
  }

  private List<NodeId> nodes() {
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

  /** Tells the sink what is in force. */
  void announce() {
    sink.announce(state().topology());
  }

  @Override
  public void close() {
    closed.countDown();
  }
}
