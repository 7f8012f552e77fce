package io.foresplit.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.foresplit.contract.ActionId;
import io.foresplit.contract.Cause;
import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Conditions;
import io.foresplit.contract.JournalEntry;
import io.foresplit.recovery.ActionStateMachine.Event;
import io.foresplit.recovery.ActionStateMachine.Transition;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class ActionStateMachineTest {
  /** With this slowness of the new placement, moving and staying are alike in the fade. */
  private static final double KEPT_SURPRISE = 1.6;

  private static final Conditions FADED = TestJob.uplink(0.05);

  @Test
  void everyTransitionIsVisitedByTheLoop() {
    Set<Transition> visited = new HashSet<>();
    visited.addAll(visits(List.of(), 1, Cause.UPLINK_FADE));
    visited.addAll(visits(List.of(), 1, Cause.LABEL_DRIFT));
    visited.addAll(visits(List.of(FakeRuntime.Script.ABORT), 1, Cause.UPLINK_FADE));
    visited.addAll(visits(List.of(), 5, Cause.UPLINK_FADE));
    visited.addAll(
        visits(List.of(FakeRuntime.Script.COMMIT, FakeRuntime.Script.ABORT), 5, Cause.UPLINK_FADE));
    visited.addAll(visits(List.of(), KEPT_SURPRISE, Cause.UPLINK_FADE));

    assertThat(visited).containsExactlyInAnyOrderElementsOf(ActionStateMachine.transitions());
  }

  /** Runs one incident and replays its journal, noting what each entry does to the action. */
  private static Set<Transition> visits(
      List<FakeRuntime.Script> script, double surprise, Cause cause) {
    Loop loop = Loop.healthy();
    loop.runtime.then(script.toArray(FakeRuntime.Script[]::new));
    loop.surprise = placement -> placement.equals(TestJob.INITIAL) ? 1 : surprise;
    loop.conditions =
        interval -> interval < 20 || surprise != KEPT_SURPRISE ? TestJob.HEALTHY : FADED;
    loop.run(20);
    loop.tell(
        TestJob.diagnosis(20, 0, ComponentId.of(TestJob.DEVICE), cause, 1, TestJob.HEALTHY, FADED));
    loop.run(40);

    Set<Transition> visited = new HashSet<>();
    JournalState state = new JournalState();
    long offset = 0;
    for (JournalEntry entry : loop.journal) {
      Optional<ActionState> before = state.open().map(JournalState.Action::state);
      state.apply(entry, offset++);
      state
          .actions()
          .map(JournalState.Action::state)
          .reduce((first, last) -> last)
          .ifPresent(after -> visited.add(transition(before, after, entry)));
    }
    return visited;
  }

  private static Transition transition(
      Optional<ActionState> before, ActionState after, JournalEntry entry) {
    Event event =
        entry instanceof JournalEntry.Intended
            ? Event.INTENDED
            : entry instanceof JournalEntry.Executed
                ? Event.EXECUTED
                : entry instanceof JournalEntry.Failed
                    ? Event.FAILED
                    : entry instanceof JournalEntry.UndoIntended
                        ? Event.UNDO_INTENDED
                        : Event.closed(((JournalEntry.Closed) entry).outcome().result());
    return new Transition(before.orElse(ActionState.PLANNED), event, after);
  }

  @Test
  void illegalTransitionNamesWhatWasAllowed() {
    assertThatThrownBy(
            () ->
                ActionStateMachine.next(
                    new ActionId("act-1"), ActionState.UNDOING, Event.CLOSED_HELPED))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "action act-1: event CLOSED_HELPED is not allowed in state UNDOING,"
                + " allowed are [EXECUTED, FAILED]");
  }

  @Test
  void finalStatesLeadNowhereAndAllOthersLeadToOne() {
    Set<ActionState> leaving =
        ActionStateMachine.transitions().stream().map(Transition::from).collect(Collectors.toSet());
    assertThat(Arrays.stream(ActionState.values()).filter(state -> !state.isFinal()))
        .containsExactlyInAnyOrderElementsOf(leaving);
  }

  @Test
  void diagramInTheDocumentationIsTheTable() throws Exception {
    assertThat(Files.readString(Path.of("..", "docs", "action-states.md")))
        .as("docs/action-states.md must contain what ActionStateMachine.toMermaid() prints")
        .contains("```mermaid\n" + ActionStateMachine.toMermaid() + "```\n");
  }
}
