package io.foresplit.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.foresplit.contract.ActionId;
import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Compression;
import io.foresplit.contract.Placement;
import io.foresplit.contract.TrainingRuntime.MoveResult;
import io.foresplit.contract.TrainingRuntime.State;
import io.foresplit.runtime.coordinator.MovePolicy;
import io.foresplit.runtime.link.LinkCompressions;
import io.foresplit.runtime.proto.CompressRequest;
import io.foresplit.runtime.proto.Fence;
import io.foresplit.runtime.proto.TrainingNodeGrpc;
import io.foresplit.runtime.proto.TrainingNodeGrpc.TrainingNodeBlockingStub;
import io.foresplit.runtime.security.GrpcSecurity;
import io.grpc.ManagedChannel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Layers that move while training goes on over compressed links, and stale commands to nodes. */
@Timeout(120)
class CompressedMoveTest {
  /** So heavy by declaration that a pre-copy pays. */
  private static final long PARAMETER_BYTES = 200_000;

  private static final ComponentId NEAR = ComponentId.link(Cluster.DEVICE, Cluster.EDGE);
  private static final ComponentId FAR = ComponentId.link(Cluster.EDGE, Cluster.CLOUD);
  private static final Compression HALF = new Compression(0.5, 5);

  @TempDir Path data;

  /**
   * Moves after which the same outputs of layers cross a compressed link as before: what the moving
   * layers get from others is compressed, and where they go does not change how.
   */
  static Stream<Arguments> moves() {
    return Stream.of(
        // what goes into layer 2 is compressed, also past the edge
        Arguments.of(
            Map.of(NEAR, HALF),
            Cluster.cut(2, 3),
            List.of(Cluster.cut(2, 2), Cluster.cut(2, 3), Cluster.cut(2, 2))),
        // the gradient that comes back to layer 2 is compressed
        Arguments.of(
            Map.of(FAR, HALF),
            Cluster.cut(1, 3),
            List.of(Cluster.cut(3, 3), Cluster.cut(2, 3), Cluster.cut(1, 3))));
  }

  @ParameterizedTest
  @MethodSource("moves")
  void layersMoveOverCompressedLinksAndNoLossChanges(
      Map<ComponentId, Compression> links, Placement initial, List<Placement> targets)
      throws Exception {
    List<TrainingProgress.Step> log;
    try (Cluster cluster =
        Cluster.start(data.resolve("moved"), setup(initial).with(o -> o.withCompression(links)))) {
      cluster.awaitSteps(20);
      for (int epoch = 0; epoch < targets.size(); epoch++) {
        assertCopied(cluster.move("a" + epoch, 1, epoch, targets.get(epoch)));
        cluster.awaitSteps(steps(cluster) + 10);
      }
      log = cluster.awaitSteps(steps(cluster) + 20);
    }
    assertThat(log.stream().map(TrainingProgress.Step::number).toList())
        .isEqualTo(LongStream.range(0, log.size()).boxed().toList());
    assertThat(losses(log)).isEqualTo(still(initial, links, log.size()));
    assertThat(losses(log)).isNotEqualTo(still(initial, Map.of(), log.size()));
  }

  @Test
  void whereAMoveChangesWhatIsCompressedLossesAreTheSameUntilItIsCommitted() throws Exception {
    Map<ComponentId, Compression> links = Map.of(NEAR, HALF, FAR, HALF);
    Placement initial = Cluster.cut(1, 3);
    List<TrainingProgress.Step> log;
    try (Cluster cluster =
        Cluster.start(data.resolve("moved"), setup(initial).with(o -> o.withCompression(links)))) {
      cluster.awaitSteps(20);
      assertCopied(cluster.move("a", 1, 0, Cluster.cut(2, 3)));
      log = cluster.awaitSteps(steps(cluster) + 20);
    }
    List<Double> before = losses(log.stream().filter(step -> step.epoch() == 0).toList());
    List<Double> after = losses(log).subList(before.size(), log.size());
    List<Double> still = still(initial, links, log.size());
    assertThat(before).hasSizeGreaterThan(19).isEqualTo(still.subList(0, before.size()));
    assertThat(after).isNotEmpty().isNotEqualTo(still.subList(before.size(), log.size()));
  }

  @Test
  void aCommandThatIsStaleOrRepeatedOrOutOfOrderChangesNothingOnANode() throws Exception {
    try (Cluster cluster = Cluster.start(data)) {
      cluster.awaitSteps(5);
      assertThat(cluster.move("moved", 4, 0, Cluster.cut(1, 3)).state()).isEqualTo(State.COMMITTED);
      assertThat(set(cluster, "on", Optional.of(HALF)).state()).isEqualTo(State.COMMITTED);
      cluster.restartCoordinator();
      cluster.awaitSteps(steps(cluster) + 5);
      assertThat(set(cluster, "off", Optional.empty()).state()).isEqualTo(State.COMMITTED);
      LinkCompressions first = LinkCompressions.none().with(NEAR, Optional.of(HALF));
      LinkCompressions inForce = first.with(NEAR, Optional.empty());
      LinkCompressions later = inForce.with(NEAR, Optional.of(HALF));
      ManagedChannel channel =
          Rpc.connect(cluster.address(Cluster.EDGE), 1 << 20, GrpcSecurity.plaintext(), "edge");
      try {
        TrainingNodeBlockingStub edge = TrainingNodeGrpc.newBlockingStub(channel);

        assertThat(edge.compress(request("x", 1, inForce, 2, 4))).isNotNull();
        assertThatThrownBy(() -> edge.compress(request("x", 1, later, 1, 4)))
            .hasMessageContaining("obeys life 2 of the coordinator and term 4");
        assertThatThrownBy(() -> edge.compress(request("x", 1, later, 2, 3)))
            .hasMessageContaining("the command was of life 2 and term 3");
        assertThatThrownBy(() -> edge.compress(request("x", 0, later, 2, 4)))
            .hasMessageContaining("node edge is at epoch 1, the command was for 0");
        assertThatThrownBy(() -> edge.compress(request("moved", 1, later, 2, 4)))
            .hasMessageContaining("action moved is over on node edge");
        assertThatThrownBy(() -> edge.compress(request("on", 1, first, 2, 4)))
            .hasMessageContaining(
                "node edge has revision 2 of link compressions, the command was of 1");
        LinkCompressions twin = new LinkCompressions(2, Map.of(NEAR, HALF));
        assertThatThrownBy(() -> edge.compress(request("x", 1, twin, 2, 4)))
            .hasMessageContaining(
                "node edge has other link compressions of revision 2, the command was of");
        // none of them has had an effect: the table in force is still the one that is there
        assertThat(edge.compress(request("x", 1, inForce, 2, 4))).isNotNull();
      } finally {
        Rpc.close(channel);
      }
      assertThat(set(cluster, "again", Optional.of(HALF)).state()).isEqualTo(State.COMMITTED);
      cluster.awaitSteps(steps(cluster) + 10);
    }
  }

  private static CompressRequest request(
      String action, long epoch, LinkCompressions table, long life, long term) {
    return CompressRequest.newBuilder()
        .setAction(action)
        .setEpoch(epoch)
        .setCompression(Compressions.encode(table))
        .setFence(Fence.newBuilder().setLife(life).setTerm(term))
        .build();
  }

  private static MoveResult set(Cluster cluster, String action, Optional<Compression> compression)
      throws IOException {
    return cluster
        .runtime()
        .setCompression(
            Cluster.JOB, new ActionId(action), 4, 1, Cluster.DEVICE, Cluster.EDGE, compression);
  }

  private static void assertCopied(MoveResult result) {
    assertThat(result.state()).as(result.detail()).isEqualTo(State.COMMITTED);
    assertThat(result.detail())
        .contains("pre-copied")
        .contains("steps replayed")
        .doesNotContain("stopped");
  }

  private List<Double> still(Placement initial, Map<ComponentId, Compression> links, int steps)
      throws Exception {
    Path folder = data.resolve("still" + links.size());
    try (Cluster cluster =
        Cluster.start(folder, setup(initial).with(o -> o.withCompression(links)))) {
      return losses(cluster.awaitSteps(steps)).subList(0, steps);
    }
  }

  private static int steps(Cluster cluster) throws IOException {
    return (int) cluster.runtime().progress(Cluster.JOB, 0).steps();
  }

  private static List<Double> losses(List<TrainingProgress.Step> log) {
    return log.stream().map(TrainingProgress.Step::loss).toList();
  }

  private static Cluster.Setup setup(Placement initial) {
    Cluster.Setup toy = Cluster.Setup.toy(List.of(), options -> options);
    return new Cluster.Setup(
        Cluster.job(PARAMETER_BYTES),
        initial,
        toy.optimiser(),
        MovePolicy.standard(),
        toy.moveTimeout(),
        toy.computes(),
        toy.datasets(),
        toy.options());
  }
}
