package io.foresplit.recovery;

import io.foresplit.contract.ActionId;
import io.foresplit.contract.ActionOutcome;
import io.foresplit.contract.IncidentId;
import io.foresplit.contract.JournalEntry;
import io.foresplit.contract.RecoveryAction.MoveLayers;
import io.foresplit.contract.RecoveryPlan;
import io.foresplit.recovery.ActionStateMachine.Event;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * The fold of one job's journal. It changes by {@link #apply} alone, so a restart is a replay. Not
 * thread-safe.
 */
final class JournalState {
  /**
   * One action as the journal tells it.
   *
   * @param intendedAt when it was intended
   * @param since when its state last changed
   * @param epoch epoch in force after the last move of it, -1 before any
   * @param pauseMillis of all its moves
   * @param reverse the move that undoes it, once intended
   * @param failure why the runtime did not do the last move; empty if it did
   */
  record Action(
      RecoveryPlan plan,
      ActionState state,
      Instant intendedAt,
      Instant since,
      long epoch,
      long pauseMillis,
      Optional<RecoveryPlan> reverse,
      String failure) {
    ActionId id() {
      return plan.actionId();
    }

    boolean isMove() {
      return plan.action() instanceof MoveLayers;
    }

    /** The plan the runtime is to carry out: the reverse one once undoing is intended. */
    RecoveryPlan current() {
      return reverse.orElse(plan);
    }

    private Action moved(ActionState next, JournalEntry.Executed executed) {
      return new Action(
          plan,
          next,
          intendedAt,
          executed.at(),
          executed.epoch(),
          pauseMillis + executed.pauseMillis(),
          reverse,
          "");
    }

    private Action undoing(ActionState next, JournalEntry.UndoIntended undo) {
      return new Action(
          plan,
          next,
          intendedAt,
          undo.at(),
          epoch,
          pauseMillis,
          Optional.of(undo.reverse()),
          failure);
    }

    private Action changed(ActionState next, Instant at, String reason) {
      return new Action(plan, next, intendedAt, at, epoch, pauseMillis, reverse, reason);
    }
  }

  private final Map<ActionId, Action> actions = new LinkedHashMap<>();
  private final Map<ActionId, ActionId> undone = new HashMap<>();
  private OptionalLong term = OptionalLong.empty();

  /**
   * Applies the next entry of the journal.
   *
   * @param offset of the entry in its partition; that of a lease is the term
   */
  void apply(JournalEntry entry, long offset) {
    if (entry instanceof JournalEntry.LeaseTaken) {
      term = OptionalLong.of(offset);
    } else if (entry instanceof JournalEntry.Intended intended) {
      intended(intended);
    } else if (entry instanceof JournalEntry.Executed executed) {
      Action action = find(executed.action());
      put(action.moved(next(action, Event.EXECUTED), executed));
    } else if (entry instanceof JournalEntry.Failed failed) {
      Action action = find(failed.action());
      put(action.changed(next(action, Event.FAILED), failed.at(), failed.reason()));
    } else if (entry instanceof JournalEntry.UndoIntended undo) {
      Action action = find(undo.action());
      put(action.undoing(next(action, Event.UNDO_INTENDED), undo));
      undone.put(undo.reverse().actionId(), action.id());
    } else if (entry instanceof JournalEntry.Closed closed) {
      Action action = find(closed.action());
      ActionOutcome.Result result = closed.outcome().result();
      put(action.changed(next(action, Event.closed(result)), closed.at(), action.failure()));
    } else {
      throw new IllegalStateException("unknown journal entry " + entry);
    }
  }

  private void intended(JournalEntry.Intended entry) {
    ActionId id = entry.plan().actionId();
    Action known = actions.get(id);
    ActionState from = known == null ? ActionState.PLANNED : known.state();
    ActionState to = ActionStateMachine.next(id, from, Event.INTENDED);
    put(new Action(entry.plan(), to, entry.at(), entry.at(), -1, 0, Optional.empty(), ""));
  }

  private static ActionState next(Action action, Event event) {
    return ActionStateMachine.next(action.id(), action.state(), event);
  }

  private void put(Action action) {
    actions.put(action.id(), action);
  }

  private Action find(ActionId id) {
    Action action = actions.get(undone.getOrDefault(id, id));
    if (action == null) {
      throw new IllegalStateException(
          "action " + id + " is in the journal without an intent; the journal is damaged");
    }
    return action;
  }

  /** The term of the newest lease. */
  OptionalLong term() {
    return term;
  }

  boolean contains(ActionId id) {
    return actions.containsKey(id);
  }

  /** The action that is not over; there is at most one. */
  Optional<Action> open() {
    return actions.values().stream().filter(action -> !action.state().isFinal()).findFirst();
  }

  /** All actions, in the order they were intended. */
  Stream<Action> actions() {
    return actions.values().stream();
  }

  /** The actions of an incident, in the order they were intended. */
  Stream<Action> of(IncidentId incident) {
    return actions().filter(action -> action.plan().incident().equals(incident));
  }
}
