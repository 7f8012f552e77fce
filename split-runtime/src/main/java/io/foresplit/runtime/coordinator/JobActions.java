package io.foresplit.runtime.coordinator;

import io.foresplit.contract.ActionId;
import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Compression;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.Placement;
import io.foresplit.contract.TrainingRuntime.MoveResult;
import io.foresplit.contract.TrainingRuntime.State;
import io.foresplit.runtime.plan.CutPlanner;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What controllers have done to one job: one action at a time, each once, its outcome durable.
 * Thread-safe; its lock is that of the job.
 */
final class JobActions {
  private static final Logger LOG = LoggerFactory.getLogger(JobActions.class);
  private static final long BEGIN_SECONDS = 10;

  private final JobController job;
  private final NodeClients clients;
  private final Executor work;
  private final MovePolicy policy;
  private final CountDownLatch begun = new CountDownLatch(1);

  // guarded by job
  private final Map<ActionId, CompletableFuture<MoveResult>> running = new HashMap<>();

  JobActions(JobController job, NodeClients clients, Executor work, MovePolicy policy) {
    this.job = job;
    this.clients = clients;
    this.work = work;
    this.policy = policy;
  }

  /** Training is under way from now on. */
  void begin() {
    begun.countDown();
  }

  /** The action that has begun and is not over. */
  Optional<ActionId> underWay() {
    synchronized (job) {
      return running.keySet().stream().findFirst();
    }
  }

  /** Refuses terms below this one from now on. */
  void fence(long term) throws IOException {
    synchronized (job) {
      CoordinatorState state = job.state();
      if (term < state.term()) {
        throw new IllegalStateException(
            "term " + term + " is fenced off, the highest one is " + state.term());
      }
      if (term > state.term()) {
        job.durable().update(s -> s.withTerm(term));
      }
    }
  }

  /** What became of an action. */
  Optional<MoveResult> status(ActionId action) {
    return Optional.ofNullable(job.state().results().get(action));
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
          List<NodeId> alive = job.nodes().stream().filter(job::alive).toList();
          return new Offer(
              from.disallowed(target).or(() -> from.pinned(target)).or(() -> dead(target)),
              new MoveProtocol(
                  move,
                  alive,
                  clients,
                  work,
                  policy(from.topology().job()),
                  new MoveOfJob(job, move, job.recoveries())));
        });
  }

  /** What goes into layers is recorded for steps of one pass alone. */
  private MovePolicy policy(JobSpec spec) {
    return spec.scheme().isPlain() ? policy : MovePolicy.stopAndCopy();
  }

  private Optional<String> dead(Placement target) {
    return target.nodeOfLayer().stream()
        .filter(node -> !job.alive(node))
        .findFirst()
        .map(node -> "node " + node + " is dead");
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
                    job.nodes().stream().filter(job::alive).toList(),
                    clients,
                    new CompressionOfJob(job, action, epoch, job.recoveries()))));
  }

  /**
   * Moves layers to where they are best while no fault is known. A move like any other: a
   * controller that is faster, or a death, ends it.
   */
  void rebalance() throws IOException, InterruptedException {
    CoordinatorState seen = job.state();
    JobSpec spec = seen.topology().job();
    Placement best = new CutPlanner().best(spec, spec.declaredConditions());
    if (best.equals(seen.topology().placement())) {
      return;
    }
    long epoch = seen.topology().epoch();
    ActionId action = new ActionId("rebalance-" + seen.life() + "-" + epoch);
    MoveResult unused = move(action, seen.term(), epoch, best);
  }

  private MoveResult change(
      ActionId action, long term, long epoch, Function<CoordinatorState, Offer> offers)
      throws IOException, InterruptedException {
    CompletableFuture<MoveResult> done = new CompletableFuture<>();
    CompletableFuture<MoveResult> before;
    Change change;
    boolean unused = begun.await(BEGIN_SECONDS, TimeUnit.SECONDS);
    synchronized (job) {
      CoordinatorState state = job.state();
      Offer offer = offers.apply(state);
      change = offer.change();
      before = running.get(action);
      if (before == null) {
        MoveResult kept = state.results().get(action);
        if (kept != null) {
          return kept;
        }
        Optional<String> refusal =
            state.stale(term, epoch).or(job::busy).or(this::other).or(offer::refusal);
        if (refusal.isPresent()) {
          LOG.warn("action {} is refused: {}", action, refusal.get());
          return new MoveResult(State.REFUSED, state.topology().epoch(), 0, 0, refusal.get());
        }
        MoveResult begun = new MoveResult(State.IN_PROGRESS, epoch, 0, 0, "");
        job.durable().update(s -> s.withTerm(term).withResult(action, begun));
        running.put(action, done);
      }
    }
    return before == null ? run(action, change, done) : before.join();
  }

  private Optional<String> other() {
    return underWay().map(other -> "action " + other + " is under way");
  }

  private MoveResult run(ActionId action, Change change, CompletableFuture<MoveResult> done)
      throws InterruptedException {
    try {
      MoveResult result = change.run();
      synchronized (job) {
        job.durable().keep(s -> s.withResult(action, result));
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
}
