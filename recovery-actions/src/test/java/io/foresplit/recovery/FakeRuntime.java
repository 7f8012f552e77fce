package io.foresplit.recovery;

import io.foresplit.contract.ActionId;
import io.foresplit.contract.JobId;
import io.foresplit.contract.Placement;
import io.foresplit.contract.SplitTopology;
import io.foresplit.contract.TrainingRuntime;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A runtime of one job that keeps the rules of the port and misbehaves as scripted. */
public final class FakeRuntime implements TrainingRuntime {
  /** What happens to the next moves, in order; afterwards they commit. */
  public enum Script {
    COMMIT,
    ABORT,
    REFUSE,
    /** The request never arrives. */
    LOSE_REQUEST,
    /** The move commits, the answer is lost. */
    LOSE_ANSWER,
    /** The answer is lost, and the move commits only after it has been asked for. */
    SLOW
  }

  private final Deque<Script> script = new ArrayDeque<>();
  private final Map<ActionId, MoveResult> results = new HashMap<>();
  private final List<ActionId> commits = new ArrayList<>();
  private final List<ActionId> calls = new ArrayList<>();
  private long term = -1;
  private boolean reachable = true;
  private SplitTopology topology;
  private Optional<ActionId> slow = Optional.empty();

  public FakeRuntime(SplitTopology topology) {
    this.topology = topology;
  }

  public FakeRuntime then(Script... next) {
    script.addAll(List.of(next));
    return this;
  }

  public synchronized void reachable(boolean now) {
    reachable = now;
  }

  /** Action ids of the committed moves, in order. */
  public synchronized List<ActionId> commits() {
    return List.copyOf(commits);
  }

  /** Action ids of all calls to move, in order. */
  public synchronized List<ActionId> calls() {
    return List.copyOf(calls);
  }

  public synchronized SplitTopology topology() {
    return topology;
  }

  @Override
  public synchronized SplitTopology topology(JobId job) throws IOException {
    requireReachable();
    return topology;
  }

  @Override
  public synchronized void fence(JobId job, long newTerm) throws IOException {
    requireReachable();
    if (newTerm < term) {
      throw new IOException("term " + newTerm + " is below " + term);
    }
    term = newTerm;
  }

  @Override
  public synchronized MoveResult move(
      JobId job, ActionId action, long withTerm, long epoch, Placement target) throws IOException {
    requireReachable();
    calls.add(action);
    if (results.containsKey(action)) {
      return results.get(action);
    }
    if (withTerm < term || epoch != topology.epoch()) {
      return new MoveResult(State.REFUSED, topology.epoch(), 0, 0, "stale term or epoch");
    }
    Script next = script.isEmpty() ? Script.COMMIT : script.remove();
    return switch (next) {
      case COMMIT -> commit(action, target);
      case ABORT -> keep(action, new MoveResult(State.ABORTED, epoch, 5, 0, "checksum"));
      case REFUSE -> keep(action, new MoveResult(State.REFUSED, epoch, 0, 0, "not now"));
      case LOSE_REQUEST -> throw new IOException("connection refused");
      case LOSE_ANSWER -> {
        commit(action, target);
        throw new IOException("connection reset");
      }
      case SLOW -> {
        commit(action, target);
        slow = Optional.of(action);
        throw new IOException("deadline exceeded");
      }
    };
  }

  private MoveResult commit(ActionId action, Placement target) {
    commits.add(action);
    topology = new SplitTopology(topology.job(), topology.epoch() + 1, target, topology.since());
    return keep(action, new MoveResult(State.COMMITTED, topology.epoch(), 120, 1_000, "done"));
  }

  private MoveResult keep(ActionId action, MoveResult result) {
    results.put(action, result);
    return result;
  }

  @Override
  public synchronized Optional<MoveResult> status(JobId job, ActionId action) throws IOException {
    requireReachable();
    if (slow.equals(Optional.of(action))) {
      slow = Optional.empty();
      return Optional.of(new MoveResult(State.IN_PROGRESS, topology.epoch(), 0, 0, "moving"));
    }
    return Optional.ofNullable(results.get(action));
  }

  private void requireReachable() throws IOException {
    if (!reachable) {
      throw new IOException("unreachable");
    }
  }
}
