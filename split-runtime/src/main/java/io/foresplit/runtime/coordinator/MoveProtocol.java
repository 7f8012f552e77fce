package io.foresplit.runtime.coordinator;

import io.foresplit.contract.NodeId;
import io.foresplit.contract.TrainingRuntime.MoveResult;
import io.foresplit.contract.TrainingRuntime.State;
import io.foresplit.runtime.proto.LayerDigest;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes a move through its states: copy while training goes on where that pays, hold, replay or
 * transfer, verify, commit, activate, resume. One instance a move, used by one thread.
 */
final class MoveProtocol {
  private static final Logger LOG = LoggerFactory.getLogger(MoveProtocol.class);
  private static final Duration BACKOFF = Duration.ofMillis(200);

  /**
   * So often a node is told that a move is given up. One that cannot be reached then may keep what
   * has come for it until its next move; nothing can bring it into force.
   */
  private static final int ABORT_ATTEMPTS = 25;

  private final LayerMove move;
  private final List<NodeId> nodes;
  private final Segments segments;
  private final Executor calls;
  private final MovePolicy policy;
  private final Job job;
  private MoveState state = MoveState.ACCEPTED;
  private boolean held;
  private long movedBytes;

  /** What a move uses of its job. */
  interface Job {
    /** Makes the new epoch durable. Throws when the old epoch is still the durable one. */
    void commit(LayerMove move, long movedBytes) throws IOException;

    /** Lets time pass. Throws when the coordinator ends: what is not committed has not happened. */
    void pause(Duration time) throws InterruptedException;

    /** Whether a node is known to be dead: nothing is repeated for it. */
    boolean lost(NodeId node);

    /** What a pre-copy of some layers is expected to meet. */
    CopyEstimate estimate(LayerMove.Shift shift);

    /** Milliseconds of a clock. */
    long millis();

    /** Is told each state. */
    void entered(MoveState state);
  }

  /**
   * A move about to start.
   *
   * @param nodes all nodes of the job
   * @param calls runs calls to nodes side by side
   */
  MoveProtocol(
      LayerMove move,
      List<NodeId> nodes,
      Segments segments,
      Executor calls,
      MovePolicy policy,
      Job job) {
    this.move = move;
    this.nodes = List.copyOf(nodes);
    this.segments = segments;
    this.calls = calls;
    this.policy = policy;
    this.job = job;
  }

  /** Something that may fail at a node. */
  @FunctionalInterface
  private interface Attempt<T> {
    T run() throws IOException;
  }

  /** Runs the move to its end. */
  MoveResult run() throws InterruptedException {
    long began = job.millis();
    PreCopy copies = new PreCopy(move, segments, policy, job::estimate);
    long nextStep;
    try {
      copy(copies);
      enter(MoveState.HOLDING);
      held = true;
      nextStep = segments.hold(move.action());
      Map<NodeId, List<LayerDigest>> arrived = new LinkedHashMap<>();
      if (copies.any()) {
        enter(MoveState.REPLAYING);
        copies
            .match(nextStep, calls)
            .forEach((shift, layers) -> add(arrived, shift.target(), layers));
      }
      if (!copies.toTransfer().isEmpty()) {
        enter(MoveState.TRANSFERRING);
        transfer(copies.toTransfer(), arrived);
      }
      movedBytes += copies.sentBytes();
      enter(MoveState.VERIFYING);
      for (NodeId node : nodes) {
        segments.verify(
            node,
            move.action(),
            move.epoch(),
            move.to(),
            arrived.getOrDefault(node, List.of()),
            nextStep);
      }
      job.commit(move, movedBytes);
    } catch (IOException e) {
      return abort(String.valueOf(e.getMessage()), began);
    }
    enter(MoveState.COMMITTED);
    long epoch = move.epoch() + 1;
    for (NodeId node : nodes) {
      repeat(
          MoveState.ACTIVATING,
          node,
          () -> {
            segments.activate(node, Optional.of(move.action()), epoch, move.to(), nextStep);
            return 0L;
          });
    }
    long pause = repeat(MoveState.RESUMING, owner(), () -> segments.resume(move.action(), epoch));
    enter(MoveState.DONE);
    return new MoveResult(
        State.COMMITTED,
        epoch,
        pause,
        movedBytes,
        move.from().describe() + " -> " + move.to().describe() + "; " + copies.describe(),
        job.millis() - began);
  }

  /** Steps go on meanwhile. */
  private void copy(PreCopy copies) throws IOException, InterruptedException {
    if (!copies.any()) {
      return;
    }
    enter(MoveState.COPYING);
    copies.begin();
    copies.observe();
    while (!copies.decided()) {
      if (state == MoveState.COPYING && copies.installed()) {
        enter(MoveState.CATCHING_UP);
      }
      job.pause(policy.poll());
      copies.observe();
    }
    if (state == MoveState.COPYING && copies.any()) {
      enter(MoveState.CATCHING_UP);
    }
  }

  private void transfer(List<LayerMove.Shift> shifts, Map<NodeId, List<LayerDigest>> arrived)
      throws IOException {
    Map<LayerMove.Shift, CompletableFuture<List<LayerDigest>>> running = new LinkedHashMap<>();
    for (LayerMove.Shift shift : shifts) {
      running.put(
          shift,
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  return segments.transfer(move.action(), move.epoch(), shift);
                } catch (IOException e) {
                  throw new CompletionException(e);
                }
              },
              calls));
    }
    List<String> problems = new ArrayList<>();
    running.forEach(
        (shift, sent) -> {
          try {
            List<LayerDigest> layers = sent.join();
            layers.forEach(layer -> movedBytes += layer.getSize());
            add(arrived, shift.target(), layers);
          } catch (CompletionException e) {
            problems.add(String.valueOf(e.getCause() == null ? e : e.getCause().getMessage()));
          }
        });
    if (!problems.isEmpty()) {
      throw new IOException(String.join("; ", problems));
    }
  }

  private static void add(
      Map<NodeId, List<LayerDigest>> arrived, NodeId target, List<LayerDigest> layers) {
    arrived.computeIfAbsent(target, t -> new ArrayList<>()).addAll(layers);
  }

  private MoveResult abort(String why, long began) throws InterruptedException {
    MoveState failedIn = state;
    LOG.warn("move {} is given up while {}: {}", move.action(), failedIn, why);
    for (NodeId node : nodes) {
      repeat(
          MoveState.ABORTING,
          node,
          ABORT_ATTEMPTS,
          () -> {
            segments.abort(node, move.action());
            return 0L;
          });
    }
    long pause =
        held
            ? repeat(
                MoveState.ABORTING, owner(), () -> segments.resume(move.action(), move.epoch()))
            : 0;
    enter(MoveState.ABORTED);
    return new MoveResult(
        State.ABORTED,
        move.epoch(),
        pause,
        movedBytes,
        "while " + failedIn + ": " + why,
        job.millis() - began);
  }

  private NodeId owner() {
    return nodes.get(0);
  }

  /** Repeats until it is done, or its node is dead: recovery brings that to what is durable. */
  private long repeat(MoveState target, NodeId node, Attempt<Long> attempt)
      throws InterruptedException {
    return repeat(target, node, Integer.MAX_VALUE, attempt);
  }

  private long repeat(MoveState target, NodeId node, int attempts, Attempt<Long> attempt)
      throws InterruptedException {
    for (int i = 1; ; i++) {
      enter(target);
      try {
        return attempt.run();
      } catch (IOException e) {
        if (i == attempts || job.lost(node)) {
          LOG.warn("move {} {} without node {}: {}", move.action(), target, node, e.getMessage());
          return 0;
        }
        LOG.warn("move {} {} again: {}", move.action(), target, e.getMessage());
        job.pause(BACKOFF);
      }
    }
  }

  private void enter(MoveState target) {
    boolean news = state != target;
    state = state.to(target);
    if (news) {
      LOG.info("move {}: {}", move.action(), state);
      job.entered(state);
    }
  }
}
