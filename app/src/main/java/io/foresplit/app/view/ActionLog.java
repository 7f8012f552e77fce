package io.foresplit.app.view;

import io.foresplit.contract.ActionId;
import io.foresplit.contract.ActionOutcome;
import io.foresplit.contract.IncidentId;
import io.foresplit.contract.JournalEntry;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** The latest actions of a job, as they are now and as the journal tells them. Not thread-safe. */
final class ActionLog {
  private static final int ACTIONS = 200;
  private static final int ENTRIES_PER_ACTION = 16;

  private final Recent<ActionId, ActionView> actions = new Recent<>(ACTIONS);
  private final Recent<ActionId, List<JournalEntry>> journal = new Recent<>(ACTIONS);

  Optional<ActionView> on(JournalEntry entry) {
    if (entry instanceof JournalEntry.Intended intended) {
      ActionId action = intended.plan().actionId();
      actions.put(action, ActionView.of(intended));
      return kept(action, entry);
    } else if (entry instanceof JournalEntry.Executed done) {
      change(done.action(), a -> a.executed(done.at(), done.pauseMillis()));
      return kept(done.action(), entry);
    } else if (entry instanceof JournalEntry.Failed failed) {
      change(failed.action(), a -> a.failed(failed.at(), failed.reason()));
      return kept(failed.action(), entry);
    } else if (entry instanceof JournalEntry.UndoIntended undo) {
      ActionId reverse = undo.reverse().actionId();
      actions.put(reverse, ActionView.planned(undo.reverse(), undo.at()));
      change(undo.action(), ActionView::undoing);
      Optional<ActionView> unused = kept(reverse, entry);
      return kept(undo.action(), entry);
    } else if (entry instanceof JournalEntry.Closed closed) {
      long at = closed.at().toEpochMilli();
      change(closed.action(), a -> a.closed(closed.at()).ended(closed.outcome(), at));
      return kept(closed.action(), entry);
    }
    return Optional.empty();
  }

  /**
   * @param at milliseconds since 1970
   */
  Optional<ActionView> on(ActionOutcome outcome, long at) {
    ActionId action = outcome.plan().actionId();
    change(action, a -> a.ended(outcome, at));
    return Optional.ofNullable(actions.get(action));
  }

  private void change(ActionId action, UnaryOperator<ActionView> how) {
    actions.computeIfPresent(action, (k, view) -> how.apply(view));
  }

  private Optional<ActionView> kept(ActionId action, JournalEntry entry) {
    List<JournalEntry> entries = journal.computeIfAbsent(action, k -> new ArrayList<>());
    if (entries.size() < ENTRIES_PER_ACTION) {
      entries.add(entry);
    }
    return Optional.ofNullable(actions.get(action));
  }

  /** Oldest first. */
  Collection<ActionView> all() {
    return actions.values();
  }

  /** Oldest first. */
  List<ActionView> of(IncidentId incident) {
    return actions.values().stream().filter(a -> a.incident().equals(incident.value())).toList();
  }

  /** What the journal says of the actions of an incident, one action after the other. */
  List<JournalEntry> journal(IncidentId incident) {
    return of(incident).stream()
        .flatMap(action -> journal.getOrDefault(new ActionId(action.id()), List.of()).stream())
        .toList();
  }
}
