package io.foresplit.contract;

import java.io.IOException;
import java.util.Optional;

/**
 * The port to whatever trains. Implementations are thread-safe. Every command is fenced: the
 * runtime durably keeps the highest term it has seen and refuses lower ones, refuses an epoch that
 * is not its own, and answers a repeated action id with the result it kept.
 */
public interface TrainingRuntime {
  /** The placement in force. */
  SplitTopology topology(JobId job) throws IOException;

  /** Tells the runtime of a new controller, so that older terms are refused from now on. */
  void fence(JobId job, long term) throws IOException;

  /**
   * Moves layers at a step boundary so that {@code target} is in force at epoch {@code epoch + 1}.
   * Blocks until the move is committed or given up; training is consistent either way.
   */
  MoveResult move(JobId job, ActionId action, long term, long epoch, Placement target)
      throws IOException;

  /** What became of an action; empty when the runtime never accepted it. */
  Optional<MoveResult> status(JobId job, ActionId action) throws IOException;

  /**
   * The result of a move.
   *
   * @param epoch the epoch in force afterwards
   * @param pauseMillis how long no step could start
   * @param movedBytes what travelled for it: layer state, and steps that were replayed
   * @param durationMillis from its acceptance to its end; 0 when it is not known
   */
  record MoveResult(
      State state,
      long epoch,
      long pauseMillis,
      long movedBytes,
      String detail,
      long durationMillis) {
    /** A result of unknown duration. */
    public MoveResult(State state, long epoch, long pauseMillis, long movedBytes, String detail) {
      this(state, epoch, pauseMillis, movedBytes, detail, 0);
    }
  }

  /** How a move ended. */
  enum State {
    COMMITTED,
    ABORTED,
    REFUSED,
    IN_PROGRESS
  }
}
