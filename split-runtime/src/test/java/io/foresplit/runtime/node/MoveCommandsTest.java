package io.foresplit.runtime.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.foresplit.contract.JobId;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.LayerProfile;
import io.foresplit.contract.LinkSpec;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.NodeSpec;
import io.foresplit.contract.Placement;
import io.foresplit.runtime.proto.CopyRequest;
import io.foresplit.runtime.proto.Envelope;
import io.foresplit.runtime.proto.ExpectRequest;
import io.foresplit.runtime.proto.LayerDigest;
import io.foresplit.runtime.proto.ObserveRequest;
import io.foresplit.runtime.proto.StateChunk;
import io.foresplit.runtime.proto.StateChunk.Part;
import io.foresplit.runtime.proto.TransferRequest;
import io.foresplit.runtime.proto.VerifyRequest;
import io.foresplit.runtime.tensor.LayerRun;
import io.foresplit.runtime.tensor.LayerState;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the middle node of a chain takes and does for a move, and from whom. */
@Timeout(30)
class MoveCommandsTest {
  private static final NodeId DEVICE = new NodeId("device");
  private static final NodeId EDGE = new NodeId("edge");
  private static final NodeId CLOUD = new NodeId("cloud");
  private static final JobSpec JOB =
      new JobSpec(
          new JobId("job"),
          "scaling",
          1,
          Duration.ofMillis(500),
          List.of(layer("a"), layer("b"), layer("c"), layer("d")),
          List.of(new NodeSpec(DEVICE, 1), new NodeSpec(EDGE, 2), new NodeSpec(CLOUD, 4)),
          List.of(link(DEVICE, EDGE), link(EDGE, DEVICE), link(EDGE, CLOUD), link(CLOUD, EDGE)),
          DEVICE,
          List.of(EDGE, CLOUD),
          1,
          List.of());
  private static final Placement PLACEMENT = new Placement(List.of(DEVICE, EDGE, CLOUD, CLOUD));
  private static final List<String> TARGET = List.of("device", "edge", "edge", "edge");

  private final ComputeThread thread = new ComputeThread();
  private final ScalingCompute compute = new ScalingCompute(2, true);
  private final SegmentWorker worker =
      new SegmentWorker(
          JOB,
          JOB.nodes().get(1),
          Assignment.of(JOB, EDGE, 3, PLACEMENT),
          7,
          compute,
          (indices, seconds) -> indices,
          thread,
          new Pacing(deadline -> {}, () -> 0),
          seconds -> 1,
          new TrainingClock(() -> 0, 0),
          new NodeMetrics(EDGE, () -> 0),
          (to, body) -> {},
          failure -> {});
  private final MoveCommands moves =
      new MoveCommands(JOB.nodes().get(1), JOB, compute, thread, () -> 0, this::training);

  private Training training() {
    Participation participation =
        new Participation(JOB, worker, Optional.empty(), Optional.empty(), Optional.empty());
    Router router = new Router(JOB, EDGE, Map.of(), envelope -> {});
    return new Training(
        new Participation.Wiring(null, null, null, router, failure -> {}),
        new Training.Current(participation),
        Optional.empty(),
        null,
        null,
        Optional.empty());
  }

  @AfterEach
  void close() {
    moves.close();
    thread.close(compute::close);
  }

  @Test
  void aSnapshotComesFromTheNodeThatHasTheLayersAndFromNoOther() throws Exception {
    moves.expect(expect(new LayerRun(2, 3)));
    for (NodeId forger : List.of(DEVICE, EDGE)) {
      snapshot(forger);
      assertThat(moves.observe(observe()).getInstalled()).as("from %s", forger).isFalse();
      assertThat(moves.observe(observe()).getNextStep()).isZero();
    }

    snapshot(CLOUD);
    assertThat(moves.observe(observe()).getInstalled()).isTrue();
    assertThat(moves.observe(observe()).getNextStep()).isEqualTo(7);
  }

  @Test
  void stateComesFromTheNodeThatHasTheLayerAndFromNoOther() throws Exception {
    LayerState state = states().get(0);
    byte[] encoded = state.encode();
    LayerDigest digest = Checksums.digest(state.layer(), encoded);
    moves.accept(chunk(DEVICE, Part.STATE, state.layer(), encoded));
    assertThatThrownBy(() -> moves.verify(verify(digest)))
        .hasMessage("layer 2 did not arrive within 0 ms");

    moves.accept(chunk(CLOUD, Part.STATE, state.layer(), encoded));
    moves.verify(verify(digest));
  }

  @Test
  void layersOutsideTheModelAreDropped() {
    byte[] bytes = new byte[8];
    for (int layer : new int[] {-1, 4, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
      moves.accept(chunk(CLOUD, Part.STATE, layer, bytes));
      moves.accept(chunk(CLOUD, Part.SNAPSHOT, layer, bytes));
    }
    assertThatThrownBy(() -> moves.observe(observe()))
        .hasMessage("layers 2-3 are not being copied for action 'a'");
  }

  @Test
  void onlyLayersThatThePlacementBringsAreExpected() {
    for (LayerRun wrong :
        List.of(new LayerRun(0, 0), new LayerRun(1, 2), new LayerRun(2, 4), new LayerRun(9, 9))) {
      assertThatThrownBy(() -> moves.expect(expect(wrong)))
          .as("%s", wrong)
          .hasMessageContaining("does not come to node edge with this placement");
    }
    assertThatThrownBy(() -> moves.expect(expect(new LayerRun(2, 3), new LayerRun(3, 3))))
        .hasMessage("layers 3 are not to come beside [2-3]");

    moves.expect(expect(new LayerRun(2, 2)));
    moves.expect(expect(new LayerRun(2, 2)));
    assertThatThrownBy(() -> moves.expect(expect(new LayerRun(2, 3))))
        .hasMessage("layers 2-3 are not to come beside [2]");
  }

  @Test
  void layersGoOnlyWhereSomeAllowedPlacementHasThem() {
    assertThatThrownBy(
            () ->
                moves.copy(
                    CopyRequest.newBuilder()
                        .setAction("a")
                        .setEpoch(3)
                        .setRun(LiveCopies.message(new LayerRun(1, 1)))
                        .setTarget("elsewhere")
                        .build()))
        .hasMessage("node edge vetoes the transfer: layer 1 must not be on elsewhere");
    assertThatThrownBy(
            () ->
                moves.transfer(
                    TransferRequest.newBuilder()
                        .setAction("a")
                        .setEpoch(3)
                        .setFirstLayer(1)
                        .setLastLayer(1)
                        .setTarget("elsewhere")
                        .build()))
        .hasMessage("node edge vetoes the transfer: layer 1 must not be on elsewhere");
  }

  private void snapshot(NodeId from) throws Exception {
    for (LayerState state : states()) {
      moves.accept(chunk(from, Part.SNAPSHOT, state.layer(), state.encode()));
    }
    assertThat(thread.call(() -> true)).isTrue();
  }

  private static List<LayerState> states() {
    ScalingCompute source = new ScalingCompute(2, true);
    source.initialise(2, 3);
    return source.export(2, 3);
  }

  private static Envelope chunk(NodeId from, Part part, int layer, byte[] bytes) {
    ByteString data = ByteString.copyFrom(bytes);
    return Envelope.newBuilder()
        .setFrom(from.value())
        .setChunk(
            StateChunk.newBuilder()
                .setAction("a")
                .setPart(part)
                .setLayer(layer)
                .setStep(7)
                .setRun(LiveCopies.message(new LayerRun(2, 3)))
                .setCount(1)
                .setCrc(Checksums.crc(data))
                .setData(data))
        .build();
  }

  private static ExpectRequest expect(LayerRun... runs) {
    return ExpectRequest.newBuilder()
        .setAction("a")
        .setEpoch(3)
        .addAllTarget(TARGET)
        .addAllRuns(List.of(runs).stream().map(LiveCopies::message).toList())
        .build();
  }

  private static ObserveRequest observe() {
    return ObserveRequest.newBuilder()
        .setAction("a")
        .setEpoch(3)
        .setRun(LiveCopies.message(new LayerRun(2, 3)))
        .build();
  }

  private static VerifyRequest verify(LayerDigest digest) {
    return VerifyRequest.newBuilder()
        .setAction("a")
        .setEpoch(3)
        .addAllTarget(TARGET)
        .addLayers(digest)
        .setNextStep(7)
        .build();
  }

  private static LayerProfile layer(String name) {
    return new LayerProfile(name, 0.010, 0.020, 8, 8);
  }

  private static LinkSpec link(NodeId from, NodeId to) {
    return new LinkSpec(from, to, 1e6, 0.001);
  }
}
