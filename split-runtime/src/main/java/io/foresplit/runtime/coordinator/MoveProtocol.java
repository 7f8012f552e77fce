package io.foresplit.runtime.coordinator;

import io.foresplit.contract.NodeId;
import io.foresplit.contract.TrainingRuntime.MoveResult;
import io.foresplit.contract.TrainingRuntime.State;
import io.foresplit.runtime.proto.LayerDigest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes a move through its states: hold, transfer, verify, commit, activate, resume. One instance a
 * move, used by one thread.
 */
final class MoveProtocol implements Change {
  private static final Logger LOG = LoggerFactory.getLogger(MoveProtocol.class);

  private final LayerMove move;
  private final List<NodeId> nodes;
  private final Segments segments;
  private final Executor transfers;
  private final Journal journal;
  private final Backoff backoff;
  private final Consumer<MoveState> listener;
  private MoveState state = MoveState.ACCEPTED;
  private long movedBytes;

  /** Makes the new epoch durable. */
  @FunctionalInterface
  interface Journal {
    /** Throws when the old epoch is still the durable one. */
    void commit(LayerMove move, long movedBytes) throws IOException;
  }

  /** Waits before something is repeated. */
  @FunctionalInterface
  interface Backoff {
    /** Throws when nothing is to be repeated any more, since the coordinator ends. */
    void pause() throws InterruptedException;
  }

  /**
   * A move about to start.
   *
   * @param nodes all nodes of the job
   * @param transfers runs transfers side by side
   * @param listener is told each state
   */
  MoveProtocol(
      LayerMove move,
      List<NodeId> nodes,
      Segments segments,
      Executor transfers,
      Journal journal,
      Backoff backoff,
      Consumer<MoveState> listener) {
    this.move = move;
    this.nodes = List.copyOf(nodes);
    this.segments = segments;
    this.transfers = transfers;
    this.journal = journal;
    this.backoff = backoff;
    this.listener = listener;
  }

  /** Something that may fail at a node. */
  @FunctionalInterface
  private interface Attempt<T> {
    T run() throws IOException;
  }

  /** Runs the move to its end. */
  @Override
  public MoveResult run() throws InterruptedException {
    long nextStep;
    try {
      enter(MoveState.HOLDING);
      nextStep = segments.hold(move.action());
      enter(MoveState.TRANSFERRING);
      Map<NodeId, List<LayerDigest>> arrived = transfer();
      enter(MoveState.VERIFYING);
      for (NodeId node : nodes) {
        segments.verify(
            node, move.action(), move.epoch(), move.to(), arrived.getOrDefault(node, List.of()));
      }
      journal.commit(move, movedBytes);
    } catch (IOException e) {
      return abort(String.valueOf(e.getMessage()));
    }
    enter(MoveState.COMMITTED);
    long epoch = move.epoch() + 1;
    for (NodeId node : nodes) {
      repeat(
          MoveState.ACTIVATING,
          () -> {
            segments.activate(node, Optional.of(move.action()), epoch, move.to(), nextStep);
            return true;
          });
    }
    long pause = repeat(MoveState.RESUMING, () -> segments.resume(epoch));
    enter(MoveState.DONE);
    return new MoveResult(
        State.COMMITTED,
        epoch,
        pause,
        movedBytes,
        move.from().describe() + " -> " + move.to().describe());
  }

  private Map<NodeId, List<LayerDigest>> transfer() throws IOException {
    Map<LayerMove.Shift, CompletableFuture<List<LayerDigest>>> running = new LinkedHashMap<>();
    for (LayerMove.Shift shift : move.shifts()) {
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
              transfers));
    }
    Map<NodeId, List<LayerDigest>> arrived = new LinkedHashMap<>();
    List<String> problems = new ArrayList<>();
    running.forEach(
        (shift, sent) -> {
          try {
            List<LayerDigest> layers = sent.join();
            layers.forEach(layer -> movedBytes += layer.getSize());
            arrived.computeIfAbsent(shift.target(), t -> new ArrayList<>()).addAll(layers);
          } catch (CompletionException e) {
            problems.add(String.valueOf(e.getCause() == null ? e : e.getCause().getMessage()));
          }
        });
    if (!problems.isEmpty()) {
      throw new IOException(String.join("; ", problems));
    }
    return arrived;
  }

  private MoveResult abort(String why) throws InterruptedException {
    MoveState failedIn = state;
    LOG.warn("move {} is given up while {}: {}", move.action(), failedIn, why);
    for (NodeId node : nodes) {
      repeat(
          MoveState.ABORTING,
          () -> {
            segments.abort(node, move.action());
            return true;
          });
    }
    long pause = repeat(MoveState.ABORTING, () -> segments.resume(move.epoch()));
    enter(MoveState.ABORTED);
    return new MoveResult(
        State.ABORTED, move.epoch(), pause, movedBytes, "while " + failedIn + ": " + why);
  }

  private <T> T repeat(MoveState target, Attempt<T> attempt) throws InterruptedException {
    while (true) {
      enter(target);
      try {
        return attempt.run();
      } catch (IOException e) {
        LOG.warn("move {} {} again: {}", move.action(), target, e.getMessage());
        backoff.pause();
      }
    }
  }

  private void enter(MoveState target) {
    boolean news = state != target;
    state = state.to(target);
    if (news) {
      LOG.info("move {}: {}", move.action(), state);
      listener.accept(state);
    }
  }
}
