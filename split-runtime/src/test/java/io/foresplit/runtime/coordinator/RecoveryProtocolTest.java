package io.foresplit.runtime.coordinator;

import static io.foresplit.runtime.coordinator.RecoveryPlannerTest.CLOUD;
import static io.foresplit.runtime.coordinator.RecoveryPlannerTest.DEVICE;
import static io.foresplit.runtime.coordinator.RecoveryPlannerTest.EDGE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.foresplit.runtime.plan.CutPlanner;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class RecoveryProtocolTest {
  private static final RecoveryPlanner PLANNER =
      new RecoveryPlanner(
          RecoveryPlannerTest.job(
              List.of(DEVICE, CLOUD),
              RecoveryPlannerTest.link(DEVICE, CLOUD),
              RecoveryPlannerTest.link(CLOUD, DEVICE)),
          new CutPlanner(),
          20);

  @Test
  void trainingGoesOnWithoutADeadNode() throws Exception {
    SimulatedSurvivors nodes = new SimulatedSurvivors(PLANNER.job());
    nodes.kill(EDGE);

    RecoveryProtocol.Outcome outcome = recover(nodes);

    assertThat(outcome.epoch()).isEqualTo(1);
    assertThat(outcome.plan().step()).isEqualTo(20);
    assertThat(outcome.lost()).isEqualTo(7);
    assertThat(outcome.plan().placement().describe()).isEqualTo("device[0] cloud[1-3]");
    assertThat(nodes.states())
        .containsExactly(
            RecoveryState.DETECTED,
            RecoveryState.HALTING,
            RecoveryState.PLANNING,
            RecoveryState.RESTORING,
            RecoveryState.CHECKING,
            RecoveryState.COMMITTED,
            RecoveryState.ACTIVATING,
            RecoveryState.RESUMING,
            RecoveryState.DONE);
    assertThat(nodes.calls())
        .containsExactly(
            "halt device",
            "halt cloud",
            "regroup device",
            "regroup cloud",
            "provide device",
            "check device",
            "check cloud",
            "commit",
            "restore device",
            "restore cloud",
            "resume device");
    nodes.assertConsistent();
  }

  @Test
  void anyCallMayFailBeforeOrAfterItIsDone() throws Exception {
    int calls = calls();
    for (int at = 0; at < calls; at++) {
      for (SimulatedSurvivors.Failure failure :
          List.of(
              SimulatedSurvivors.Failure.LOST_REQUEST, SimulatedSurvivors.Failure.LOST_ANSWER)) {
        SimulatedSurvivors nodes = new SimulatedSurvivors(PLANNER.job()).failing(at, failure);
        nodes.kill(EDGE);

        RecoveryProtocol.Outcome outcome = recover(nodes);

        assertThat(outcome.lost())
            .as("%s at call %d: %s", failure, at, nodes.calls())
            .isLessThan(20);
        nodes.assertConsistent();
      }
    }
  }

  @Test
  void aSecondDeathAtAnyCallIsRecoveredToo() throws Exception {
    int calls = calls();
    for (int at = 0; at <= calls; at++) {
      SimulatedSurvivors nodes = new SimulatedSurvivors(PLANNER.job()).at(at, n -> n.kill(CLOUD));
      nodes.kill(EDGE);

      RecoveryProtocol.Outcome outcome = recover(nodes);

      if (nodes.dead(CLOUD) && nodes.unseen()) {
        outcome = recover(nodes); // it died as the last call was answered
      }
      if (nodes.dead(CLOUD)) {
        assertThat(outcome.plan().placement().nodeOfLayer())
            .as("at call %d: %s", at, nodes.calls())
            .containsOnly(DEVICE);
      }
      nodes.assertConsistent();
    }
  }

  @Test
  void aCoordinatorKilledAtAnyCallIsFollowedByOneThatEndsTheRecovery() throws Exception {
    int calls = calls();
    for (int at = 0; at < calls; at++) {
      for (SimulatedSurvivors.Failure failure :
          List.of(
              SimulatedSurvivors.Failure.KILLED_BEFORE, SimulatedSurvivors.Failure.KILLED_AFTER)) {
        SimulatedSurvivors nodes = new SimulatedSurvivors(PLANNER.job()).failing(at, failure);
        nodes.kill(EDGE);

        assertThatThrownBy(() -> recover(nodes)).isInstanceOf(SimulatedSurvivors.Killed.class);
        nodes.nextLife();
        recover(nodes);

        nodes.assertConsistent();
      }
    }
  }

  @Test
  void whatIsSentAgainAfterTheEndChangesNothing() throws Exception {
    SimulatedSurvivors nodes = new SimulatedSurvivors(PLANNER.job());
    nodes.kill(EDGE);
    recover(nodes);
    String after = nodes.describe();

    nodes.sendAllAgain();

    assertThat(nodes.describe()).isEqualTo(after);
  }

  @Test
  void withoutTheDataOwnerItWaitsAndThenGivesItItsLayersBack() throws Exception {
    SimulatedSurvivors nodes = new SimulatedSurvivors(PLANNER.job());
    nodes.kill(DEVICE);
    nodes.whenWaiting(n -> n.comeBack(DEVICE));

    RecoveryProtocol.Outcome outcome = recover(nodes);

    assertThat(nodes.states()).contains(RecoveryState.WAITING);
    assertThat(nodes.waitedFor()).containsExactly("data owner device");
    assertThat(nodes.calls()).contains("welcome device", "halt device");
    assertThat(outcome.lost()).isEqualTo(7);
    nodes.assertConsistent();
  }

  @Test
  void everyTransitionOfTheTableHappens() throws Exception {
    Set<String> visited = new TreeSet<>();
    int calls = calls();
    for (int at = 0; at < calls; at++) {
      SimulatedSurvivors failing =
          new SimulatedSurvivors(PLANNER.job())
              .failing(at, SimulatedSurvivors.Failure.LOST_REQUEST);
      failing.kill(EDGE);
      recover(failing);
      visited.addAll(failing.transitions());
      SimulatedSurvivors dying = new SimulatedSurvivors(PLANNER.job()).at(at, n -> n.kill(CLOUD));
      dying.kill(EDGE);
      recover(dying);
      visited.addAll(dying.transitions());
    }
    SimulatedSurvivors last =
        new SimulatedSurvivors(PLANNER.job())
            .at(calls - 1, n -> n.kill(CLOUD))
            .failing(calls - 1, SimulatedSurvivors.Failure.LOST_REQUEST);
    last.kill(EDGE);
    recover(last);
    visited.addAll(last.transitions());
    SimulatedSurvivors waiting = new SimulatedSurvivors(PLANNER.job());
    waiting.kill(DEVICE);
    waiting.whenWaiting(n -> n.comeBack(DEVICE));
    recover(waiting);
    visited.addAll(waiting.transitions());

    Set<String> table = new HashSet<>();
    for (RecoveryState from : RecoveryState.values()) {
      for (RecoveryState to : from.next()) {
        table.add(from + ">" + to);
      }
    }
    assertThat(visited).containsExactlyInAnyOrderElementsOf(table);
  }

  @Test
  void anIllegalTransitionNamesFromToAndWhatIsAllowed() {
    assertThatThrownBy(() -> RecoveryState.HALTING.to(RecoveryState.COMMITTED))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("a recovery cannot go from HALTING to COMMITTED, only to [DETECTED, PLANNING]");
  }

  @Test
  void theDiagramInTheDocsIsTheTable() throws Exception {
    Path docs = Path.of("..", "docs", "recovery-states.md");

    assertThat(Files.readString(docs)).contains("```mermaid\n" + RecoveryState.toMermaid() + "```");
  }

  private static int calls() throws InterruptedException {
    SimulatedSurvivors nodes = new SimulatedSurvivors(PLANNER.job());
    nodes.kill(EDGE);
    recover(nodes);
    return nodes.calls().size();
  }

  private static RecoveryProtocol.Outcome recover(SimulatedSurvivors nodes)
      throws InterruptedException {
    return new RecoveryProtocol(nodes, PLANNER, Runnable::run, nodes).run();
  }
}
