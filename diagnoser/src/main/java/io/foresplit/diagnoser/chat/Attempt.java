package io.foresplit.diagnoser.chat;

import io.foresplit.contract.ActionId;
import io.foresplit.contract.ActionOutcome;
import io.foresplit.contract.JournalEntry;
import io.foresplit.contract.RecoveryPlan;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * An action for an incident, as the journal tells it.
 *
 * @param pauseMillis how long training stood still for it; empty until it was carried out
 * @param problem why it failed
 */
public record Attempt(
    RecoveryPlan plan,
    Instant plannedAt,
    State state,
    Optional<Long> pauseMillis,
    Optional<ActionOutcome> outcome,
    Optional<String> problem) {
  /** Where an action is in its life. */
  public enum State {
    INTENDED,
    EXECUTED,
    UNDOING,
    FAILED,
    CLOSED
  }

  /**
   * In the order in which they were planned; an entry of an action not planned here is left out.
   */
  static List<Attempt> of(List<JournalEntry> journal) {
    Map<ActionId, Attempt> attempts = new LinkedHashMap<>();
    journal.forEach(entry -> apply(entry, attempts));
    return List.copyOf(attempts.values());
  }

  private static void apply(JournalEntry entry, Map<ActionId, Attempt> attempts) {
    if (entry instanceof JournalEntry.Intended intended) {
      plan(intended.plan(), intended.at(), attempts);
    } else if (entry instanceof JournalEntry.Executed done) {
      change(attempts, done.action(), a -> a.executed(done.pauseMillis()));
    } else if (entry instanceof JournalEntry.Failed failed) {
      change(attempts, failed.action(), a -> a.failed(failed.reason()));
    } else if (entry instanceof JournalEntry.UndoIntended undo) {
      change(attempts, undo.action(), Attempt::undoing);
      plan(undo.reverse(), undo.at(), attempts);
    } else if (entry instanceof JournalEntry.Closed closed) {
      change(attempts, closed.action(), a -> a.closed(closed.outcome()));
    }
  }

  private static void plan(RecoveryPlan plan, Instant at, Map<ActionId, Attempt> attempts) {
    attempts.putIfAbsent(
        plan.actionId(),
        new Attempt(
            plan, at, State.INTENDED, Optional.empty(), Optional.empty(), Optional.empty()));
  }

  private static void change(
      Map<ActionId, Attempt> attempts, ActionId action, UnaryOperator<Attempt> how) {
    attempts.computeIfPresent(action, (id, attempt) -> how.apply(attempt));
  }

  private Attempt executed(long pause) {
    return new Attempt(plan, plannedAt, State.EXECUTED, Optional.of(pause), outcome, problem);
  }

  private Attempt failed(String why) {
    return new Attempt(plan, plannedAt, State.FAILED, pauseMillis, outcome, Optional.of(why));
  }

  private Attempt undoing() {
    return new Attempt(plan, plannedAt, State.UNDOING, pauseMillis, outcome, problem);
  }

  private Attempt closed(ActionOutcome how) {
    State end = how.result() == ActionOutcome.Result.FAILED ? State.FAILED : State.CLOSED;
    return new Attempt(plan, plannedAt, end, pauseMillis, Optional.of(how), problem);
  }
}
