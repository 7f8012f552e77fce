package io.foresplit.runtime.coordinator;

import io.foresplit.contract.ActionId;
import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Compression;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.NodeSpec;
import io.foresplit.contract.Placement;
import io.foresplit.contract.TrainingRuntime.MoveResult;
import io.foresplit.contract.TrainingRuntime.State;
import io.foresplit.runtime.TopologySink;
import io.foresplit.runtime.link.LinkCompressions;
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
import java.util.function.Function;
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
              + job.nodes().stream().map(NodeSpec::id).toList());
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
    if (registered.size() == job.nodes().size()) {
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

  /** The change from what is in force, or why there can be none. */
  private record Offer(Optional<String> refusal, Change change) {}

  /**
   * Moves layers; blocks until it is over. After a restart it waits a while for training to go on.
   */
  MoveResult move(ActionId action, long term, long epoch, Placement target)
      throws IOException, InterruptedException {
    return change(
        action,
        term,
        epoch,
        from -> {
          LayerMove move = new LayerMove(action, epoch, from.topology().placement(), target);
          return new Offer(
              from.disallowed(target),
              new MoveProtocol(
                  move, nodes(), clients, work, movePolicy, new MoveOfJob(this, move)));
        });
  }

  /** Compresses a link otherwise; blocks until it is over. Waits as a move does. */
  MoveResult setCompression(
      ActionId action, long term, long epoch, ComponentId link, Optional<Compression> compression)
      throws IOException, InterruptedException {
    return change(
        action,
        term,
        epoch,
        from ->
            new Offer(
                from.disallowed(link, compression),
                new CompressionChange(
                    action,
                    epoch,
                    from.compression().with(link, compression),
                    nodes(),
                    clients,
                    new CompressionOfJob(this, action))));
  }

  private MoveResult change(
      ActionId action, long term, long epoch, Function<CoordinatorState, Offer> offers)
      throws IOException, InterruptedException {
    CompletableFuture<MoveResult> done = new CompletableFuture<>();
    CompletableFuture<MoveResult> before;
    Change change;
    boolean unused = begun.await(BEGIN_SECONDS, TimeUnit.SECONDS);
    synchronized (this) {
      Offer offer = offers.apply(state);
      change = offer.change();
      before = running.get(action);
      if (before == null) {
        MoveResult kept = state.results().get(action);
        if (kept != null) {
          return kept;
        }
        Optional<String> refusal = state.stale(term, epoch).or(this::busy).or(offer::refusal);
        if (refusal.isPresent()) {
          LOG.warn("action {} is refused: {}", action, refusal.get());
          return new MoveResult(State.REFUSED, state.topology().epoch(), 0, 0, refusal.get());
        }
        update(
            state
                .withTerm(term)
                .withResult(action, new MoveResult(State.IN_PROGRESS, epoch, 0, 0, "")));
        running.put(action, done);
      }
    }
    return before == null ? run(action, change, done) : before.join();
  }

  private Optional<String> busy() {
    if (phase != Phase.TRAINING) {
      return Optional.of("training is not under way: nodes " + registered.keySet() + " are here");
    }
    return running.keySet().stream().findFirst().map(other -> "action " + other + " is under way");
  }

  private MoveResult run(ActionId action, Change change, CompletableFuture<MoveResult> done)
      throws InterruptedException {
    try {
      MoveResult result = change.run();
      synchronized (this) {
        keep(action, result);
        running.remove(action);
      }
      LOG.info("action {} is {}: {}", action, result.state(), result.detail());
      done.complete(result);
      return result;
    } catch (InterruptedException | RuntimeException e) {
      done.completeExceptionally(e);
      throw e;
    }
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

  /** The commit point of a change of compression. */
  synchronized void commit(ActionId action, LinkCompressions next) throws IOException {
    long epoch = state.topology().epoch();
    update(
        state
            .withCompression(next)
            .withResult(action, new MoveResult(State.COMMITTED, epoch, 0, 0, "committed")));
  }

  /**
   * Keeps how an action ended; its outcome is durable already, so a failing disk loses no truth.
   */
  private void keep(ActionId action, MoveResult result) {
    try {
      update(state.withResult(action, result));
    } catch (IOException e) {
      LOG.error("the result of action {} could not be kept: {}", action, e.getMessage());
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
      TrainingStart start = new TrainingStart(state(), clients, work);
      if (holders == 0) {
        if (state().started().isPresent()) {
          LOG.warn("no node holds layers of the training before; it begins from scratch");
          progress.clear();
        }
        start.fromScratch(wall, this::started);
      } else if (holders == nodes().size()) {
        start.goOn(() -> backoff(BACKOFF_MILLIS));
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

  /** The moment is durable before any node is told. */
  private synchronized void started(Instant start) throws IOException {
    update(state.withStarted(start));
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
    closed.countDown();
  }
}
