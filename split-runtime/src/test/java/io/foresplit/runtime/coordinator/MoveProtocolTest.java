package io.foresplit.runtime.coordinator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.foresplit.contract.ActionId;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.Placement;
import io.foresplit.contract.TrainingRuntime.MoveResult;
import io.foresplit.contract.TrainingRuntime.State;
import io.foresplit.runtime.proto.LayerDigest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class MoveProtocolTest {
  private static final NodeId DEVICE = new NodeId("device");
  private static final NodeId EDGE = new NodeId("edge");
  private static final NodeId CLOUD = new NodeId("cloud");
  private static final List<NodeId> CHAIN = List.of(DEVICE, EDGE, CLOUD);
  private static final Placement FROM = Placement.ofCuts(CHAIN, 4, List.of(3, 3));
  private static final Placement TO = Placement.ofCuts(CHAIN, 4, List.of(1, 2));
  private static final LayerMove MOVE = new LayerMove(new ActionId("a1"), 7, FROM, TO);

  private final List<MoveState> states = new ArrayList<>(List.of(MoveState.ACCEPTED));
  private final List<Placement> committed = new ArrayList<>();

  @Test
  void aMoveGoesThroughItsStatesAndTellsPauseAndBytes() throws Exception {
    FakeSegments nodes = new FakeSegments();

    MoveResult result = run(nodes);

    assertThat(result.state()).isEqualTo(State.COMMITTED);
    assertThat(result.epoch()).isEqualTo(8);
    assertThat(result.pauseMillis()).isEqualTo(42);
    assertThat(result.movedBytes()).isEqualTo(200);
    assertThat(committed).containsExactly(TO);
    assertThat(nodes.calls)
        .containsExactly(
            "hold",
            "transfer 1-1 to edge",
            "transfer 2-2 to cloud",
            "verify device 0",
            "verify edge 1",
            "verify cloud 1",
            "activate device 8",
            "activate edge 8",
            "activate cloud 8",
            "resume 8");
  }

  @Test
  void aFailureBeforeTheCommitLeavesTheOldPlacement() throws Exception {
    for (String call : List.of("hold", "transfer 2-2 to cloud", "verify edge 1", "commit")) {
      states.clear();
      committed.clear();
      FakeSegments nodes = new FakeSegments().failing(call, 1);

      MoveResult result = run(nodes);

      assertThat(result.state()).as(call).isEqualTo(State.ABORTED);
      assertThat(result.epoch()).isEqualTo(7);
      assertThat(result.detail()).contains(call + " failed");
      assertThat(committed).isEmpty();
      assertThat(nodes.calls).endsWith("abort device", "abort edge", "abort cloud", "resume 7");
      assertThat(nodes.calls).noneMatch(done -> done.startsWith("activate"));
    }
  }

  @Test
  void whatFailsAfterTheCommitIsRepeatedUntilDone() throws Exception {
    FakeSegments nodes = new FakeSegments().failing("activate edge 8", 3).failing("resume 8", 2);

    MoveResult result = run(nodes);

    assertThat(result.state()).isEqualTo(State.COMMITTED);
    assertThat(nodes.calls).endsWith("resume 8").contains("activate cloud 8");
  }

  @Test
  void everyTransitionOfTheTableHappens() throws Exception {
    Set<String> visited = new HashSet<>();
    List<FakeSegments> stories =
        List.of(
            new FakeSegments(),
            new FakeSegments().failing("hold", 1),
            new FakeSegments().failing("transfer 1-1 to edge", 1),
            new FakeSegments().failing("verify cloud 1", 1));
    for (FakeSegments story : stories) {
      states.clear();
      states.add(MoveState.ACCEPTED);
      run(story);
      for (int i = 0; i + 1 < states.size(); i++) {
        visited.add(states.get(i) + ">" + states.get(i + 1));
      }
    }
    Set<String> table = new HashSet<>();
    for (MoveState from : MoveState.values()) {
      for (MoveState to : from.next()) {
        if (from != to) {
          table.add(from + ">" + to);
        }
      }
    }
    assertThat(visited).isEqualTo(table);
  }

  @Test
  void anIllegalTransitionNamesFromToAndWhatIsAllowed() {
    assertThatThrownBy(() -> MoveState.HOLDING.to(MoveState.COMMITTED))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("a move cannot go from HOLDING to COMMITTED, only to [TRANSFERRING, ABORTING]");
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

  private MoveResult run(FakeSegments nodes) throws InterruptedException {
    return new MoveProtocol(
            MOVE,
            CHAIN,
            nodes,
            Runnable::run,
            (move, bytes) -> {
              nodes.maybeFail("commit");
              committed.add(move.to());
            },
            () -> {},
            states::add)
        .run();
  }

  /** Nodes that do what they are told, but for the calls that are to fail a number of times. */
  private static final class FakeSegments implements Segments {
    private final List<String> calls = new ArrayList<>();
    private final Map<String, Integer> failures = new HashMap<>();

    FakeSegments failing(String call, int times) {
      failures.put(call, times);
      return this;
    }

    void maybeFail(String call) throws IOException {
      int left = failures.getOrDefault(call, 0);
      if (left > 0) {
        failures.put(call, left - 1);
        throw new IOException(call + " failed");
      }
    }

    private void call(String call) throws IOException {
      maybeFail(call);
      calls.add(call);
    }

    @Override
    public long hold(ActionId action) throws IOException {
      call("hold");
      return 11;
    }

    @Override
    public List<LayerDigest> transfer(ActionId action, long epoch, LayerMove.Shift shift)
        throws IOException {
      call("transfer " + shift.firstLayer() + "-" + shift.lastLayer() + " to " + shift.target());
      return List.of(
          LayerDigest.newBuilder()
              .setLayer(shift.firstLayer())
              .setSize(100)
              .setSha256(ByteString.copyFromUtf8("x"))
              .build());
    }

    @Override
    public void verify(
        NodeId node, ActionId action, long epoch, Placement target, List<LayerDigest> layers)
        throws IOException {
      call("verify " + node + " " + layers.size());
    }

    @Override
    public void activate(
        NodeId node, Optional<ActionId> action, long epoch, Placement placement, long nextStep)
        throws IOException {
      call("activate " + node + " " + epoch);
    }

    @Override
    public void abort(NodeId node, ActionId action) throws IOException {
      call("abort " + node);
    }

    @Override
    public long resume(long epoch) throws IOException {
      call("resume " + epoch);
      return 42;
    }
  }
}
