package io.foresplit.runtime.coordinator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.foresplit.contract.ActionId;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.Placement;
import io.foresplit.contract.TrainingRuntime.MoveResult;
import io.foresplit.contract.TrainingRuntime.State;
import io.foresplit.runtime.coordinator.MoveSimulationTest.FakeJob;
import io.foresplit.runtime.coordinator.SimulatedNodes.Failure;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class MoveProtocolTest {
  private static final NodeId DEVICE = new NodeId("device");
  private static final NodeId EDGE = new NodeId("edge");
  private static final NodeId CLOUD = new NodeId("cloud");
  private static final List<NodeId> CHAIN = List.of(DEVICE, EDGE, CLOUD);
  private static final Placement FROM = Placement.ofCuts(CHAIN, 4, List.of(3, 3));
  private static final Placement TO = Placement.ofCuts(CHAIN, 4, List.of(1, 2));
  private static final LayerMove MOVE = new LayerMove(new ActionId("a1"), 0, FROM, TO);

  private static final List<String> LIVE =
      List.of(
          "expect edge",
          "expect cloud",
          "copy device",
          "copy device",
          "observe device",
          "observe edge",
          "observe device",
          "observe cloud");
  private static final List<String> END =
      List.of(
          "verify device",
          "verify edge",
          "verify cloud",
          "commit",
          "activate device",
          "activate edge",
          "activate cloud",
          "resume device");

  private static final class Story {
    private final SimulatedNodes nodes;
    private final FakeJob job;
    private final MoveResult result;

    Story(MovePolicy policy, Map<Integer, Failure> plan) throws InterruptedException {
      nodes = new SimulatedNodes(CHAIN, FROM, plan);
      job = new FakeJob(nodes, () -> {});
      result = new MoveProtocol(MOVE, CHAIN, nodes, Runnable::run, policy, job).run();
    }

    int firstCall(String name) {
      return nodes.calls().indexOf(name);
    }
  }

  @Test
  void layersAreCopiedWhileTrainingGoesOnAndThenCutOver() throws Exception {
    Story story = new Story(MovePolicy.standard(), Map.of());

    assertThat(story.result.state()).isEqualTo(State.COMMITTED);
    assertThat(story.result.epoch()).isEqualTo(1);
    assertThat(story.result.pauseMillis()).isEqualTo(42);
    assertThat(story.result.movedBytes()).isEqualTo(300);
    assertThat(story.result.durationMillis()).isPositive();
    assertThat(story.result.detail())
        .startsWith("device[0-2] cloud[3] -> device[0] edge[1] cloud[2-3]; device->edge[1] pre-co")
        .contains("device->cloud[2] pre-copied");
    assertThat(story.job.states())
        .containsExactly(
            MoveState.ACCEPTED,
            MoveState.COPYING,
            MoveState.CATCHING_UP,
            MoveState.HOLDING,
            MoveState.REPLAYING,
            MoveState.VERIFYING,
            MoveState.COMMITTED,
            MoveState.ACTIVATING,
            MoveState.RESUMING,
            MoveState.DONE);
    assertThat(story.nodes.calls()).startsWith(LIVE.toArray(String[]::new));
    int hold = story.firstCall("hold device");
    assertThat(story.nodes.calls().subList(hold, hold + 5))
        .containsExactly(
            "hold device", "digest device", "digest edge", "digest device", "digest cloud");
    assertThat(story.nodes.calls().subList(hold + 5, story.nodes.calls().size())).isEqualTo(END);
  }

  @Test
  void whatDoesNotPayIsStoppedAndCopied() throws Exception {
    Story story = new Story(MovePolicy.stopAndCopy(), Map.of());

    assertThat(story.result.state()).isEqualTo(State.COMMITTED);
    assertThat(story.result.movedBytes()).isEqualTo(200);
    assertThat(story.result.detail())
        .endsWith(
            "device->edge[1] stopped and copied: as configured; "
                + "device->cloud[2] stopped and copied: as configured");
    assertThat(story.nodes.calls())
        .startsWith("hold device", "transfer device", "transfer device")
        .endsWith(END.toArray(String[]::new));
  }

  @Test
  void oneLayerFallsBackAndTheOtherIsReplayed() throws Exception {
    int digest = new Story(MovePolicy.standard(), Map.of()).firstCall("digest edge");

    Story story = new Story(MovePolicy.standard(), Map.of(digest, Failure.CORRUPTED));

    assertThat(story.result.state()).isEqualTo(State.COMMITTED);
    assertThat(story.result.detail())
        .contains("device->edge[1] stopped and copied: what was replayed differs from the source")
        .contains("device->cloud[2] pre-copied");
    assertThat(story.nodes.problems(1, TO)).isEmpty();
    assertThat(story.nodes.calls()).containsOnlyOnce("transfer device");
  }

  @Test
  void aVetoComesBeforeAnythingIsSent() throws Exception {
    Story story = new Story(MovePolicy.standard(), Map.of(1, Failure.LOST_REQUEST));

    assertThat(story.result.state()).isEqualTo(State.ABORTED);
    assertThat(story.result.pauseMillis()).isZero();
    assertThat(story.nodes.calls())
        .containsExactly(
            "expect edge", "expect cloud", "abort device", "abort edge", "abort cloud");
  }

  @Test
  void anAbortDoesNotWaitForEverForANodeThatDoesNotAnswer() throws Exception {
    Map<Integer, Failure> plan = new HashMap<>();
    plan.put(1, Failure.LOST_REQUEST);
    for (int call = 3; call < 200; call++) {
      plan.put(call, Failure.LOST_REQUEST);
    }

    Story story = new Story(MovePolicy.standard(), plan);

    assertThat(story.result.state()).isEqualTo(State.ABORTED);
    assertThat(story.nodes.calls().stream().filter("abort edge"::equals)).hasSize(25);
    assertThat(story.nodes.problems(0, FROM)).isEmpty();
  }

  @Test
  void everyTransitionOfTheTableHappens() throws Exception {
    Set<String> visited = new TreeSet<>();
    Story live = new Story(MovePolicy.standard(), Map.of());
    for (MovePolicy policy : List.of(MovePolicy.standard(), MovePolicy.stopAndCopy())) {
      for (int call = 0; call < live.nodes.calls().size(); call++) {
        for (Failure failure : List.of(Failure.LOST_REQUEST, Failure.CORRUPTED)) {
          visited.addAll(transitions(new Story(policy, Map.of(call, failure))));
        }
      }
    }
    // both copies fail before their snapshots are in place
    int copy = live.firstCall("copy device");
    visited.addAll(
        transitions(
            new Story(
                MovePolicy.standard(),
                Map.of(copy, Failure.CORRUPTED, copy + 1, Failure.CORRUPTED))));
    // a target differs, and its source cannot be told then
    int digest = live.firstCall("digest edge");
    int cancel =
        new Story(MovePolicy.standard(), Map.of(digest, Failure.CORRUPTED))
            .firstCall("cancel device");
    visited.addAll(
        transitions(
            new Story(
                MovePolicy.standard(),
                Map.of(digest, Failure.CORRUPTED, cancel, Failure.LOST_REQUEST))));
    Set<String> table = new TreeSet<>();
    for (MoveState from : MoveState.values()) {
      for (MoveState to : from.next()) {
        if (from != to) {
          table.add(from + ">" + to);
        }
      }
    }
    assertThat(visited).isEqualTo(table);
  }

  private static Set<String> transitions(Story story) {
    Set<String> visited = new TreeSet<>();
    List<MoveState> states = story.job.states();
    for (int i = 0; i + 1 < states.size(); i++) {
      visited.add(states.get(i) + ">" + states.get(i + 1));
    }
    return visited;
  }

  @Test
  void theDiagramIsTheTable() throws Exception {
    assertThat(Files.readString(Path.of("..", "docs", "move-states.md")))
        .as("docs/move-states.md must contain what MoveState.toMermaid() prints")
        .contains("```mermaid\n" + MoveState.toMermaid() + "```");
  }

  @Test
  void anIllegalTransitionNamesFromToAndWhatIsAllowed() {
    assertThatThrownBy(() -> MoveState.HOLDING.to(MoveState.COMMITTED))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "a move cannot go from HOLDING to COMMITTED, only to [REPLAYING, TRANSFERRING, ABORTING]");
  }

  @Test
  void onlyLayersThatChangeNodeTravel() {
    assertThat(MOVE.shifts())
        .containsExactly(
            new LayerMove.Shift(1, 1, DEVICE, EDGE), new LayerMove.Shift(2, 2, DEVICE, CLOUD));
    assertThat(new LayerMove(new ActionId("b"), 8, TO, FROM).shifts())
        .containsExactly(
            new LayerMove.Shift(1, 1, EDGE, DEVICE), new LayerMove.Shift(2, 2, CLOUD, DEVICE));
  }
}
