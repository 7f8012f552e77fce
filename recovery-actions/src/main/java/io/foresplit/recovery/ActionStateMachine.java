package io.foresplit.recovery;

import io.foresplit.contract.ActionId;
import io.foresplit.contract.ActionOutcome;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** The one transition table of recovery actions; drawn in {@code docs/action-states.md}. */
public final class ActionStateMachine {
  /** What the journal says of an action; a closing is one event for each result. */
  public enum Event {
    INTENDED,
    EXECUTED,
    FAILED,
    UNDO_INTENDED,
    CLOSED_HELPED,
    CLOSED_UNDONE,
    CLOSED_KEPT,
    CLOSED_FAILED,
    CLOSED_NOTIFIED;

    static Event closed(ActionOutcome.Result result) {
      return switch (result) {
        case HELPED -> CLOSED_HELPED;
        case UNDONE -> CLOSED_UNDONE;
        case KEPT -> CLOSED_KEPT;
        case FAILED -> CLOSED_FAILED;
        case NOTIFIED -> CLOSED_NOTIFIED;
      };
    }

    String label() {
      return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
  }

  /** One row of the table. */
  public record Transition(ActionState from, Event event, ActionState to) {}

  private static final List<Transition> TRANSITIONS =
      List.of(
          new Transition(ActionState.PLANNED, Event.INTENDED, ActionState.INTENDED),
          new Transition(ActionState.INTENDED, Event.CLOSED_NOTIFIED, ActionState.NOTIFIED),
          new Transition(ActionState.INTENDED, Event.FAILED, ActionState.REFUSED),
          new Transition(ActionState.INTENDED, Event.EXECUTED, ActionState.VERIFYING),
          new Transition(ActionState.REFUSED, Event.CLOSED_FAILED, ActionState.FAILED),
          new Transition(ActionState.VERIFYING, Event.CLOSED_HELPED, ActionState.HELPED),
          new Transition(ActionState.VERIFYING, Event.CLOSED_KEPT, ActionState.KEPT),
          new Transition(ActionState.VERIFYING, Event.UNDO_INTENDED, ActionState.UNDOING),
          new Transition(ActionState.UNDOING, Event.EXECUTED, ActionState.REVERTED),
          new Transition(ActionState.UNDOING, Event.FAILED, ActionState.STUCK),
          new Transition(ActionState.REVERTED, Event.CLOSED_UNDONE, ActionState.UNDONE),
          new Transition(ActionState.STUCK, Event.CLOSED_KEPT, ActionState.KEPT));

  private ActionStateMachine() {}

  /** The whole table. */
  public static List<Transition> transitions() {
    return TRANSITIONS;
  }

  /** The state after an event; an event that the table does not allow is an error. */
  static ActionState next(ActionId action, ActionState from, Event event) {
    Map<Event, ActionState> allowed = allowed(from);
    ActionState to = allowed.get(event);
    if (to == null) {
      throw new IllegalStateException(
          "action "
              + action
              + ": event "
              + event
              + " is not allowed in state "
              + from
              + ", allowed are "
              + allowed.keySet());
    }
    return to;
  }

  private static Map<Event, ActionState> allowed(ActionState from) {
    Map<Event, ActionState> allowed = new TreeMap<>();
    for (Transition transition : TRANSITIONS) {
      if (transition.from() == from) {
        allowed.put(transition.event(), transition.to());
      }
    }
    return Collections.unmodifiableMap(allowed);
  }

  /** The table as a Mermaid state diagram. */
  public static String toMermaid() {
    StringBuilder text = new StringBuilder("stateDiagram-v2\n    [*] --> PLANNED\n");
    for (Transition transition : TRANSITIONS) {
      text.append("    ")
          .append(transition.from())
          .append(" --> ")
          .append(transition.to())
          .append(": ")
          .append(transition.event().label())
          .append('\n');
    }
    for (ActionState state : ActionState.values()) {
      if (state.isFinal()) {
        text.append("    ").append(state).append(" --> [*]\n");
      }
    }
    return text.toString();
  }
}
