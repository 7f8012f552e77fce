package io.foresplit.runtime.node;

import static io.foresplit.runtime.OwnedLayer.shared;
import static io.foresplit.runtime.node.ReplicaRouteTest.CLOUD;
import static io.foresplit.runtime.node.ReplicaRouteTest.EDGE;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.foresplit.contract.JobId;
import io.foresplit.contract.ReplicationSpec;
import io.foresplit.runtime.OwnedLayer;
import io.foresplit.runtime.proto.StateChunk;
import io.foresplit.runtime.tensor.LayerState;
import io.foresplit.runtime.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is kept of layers in case a node dies: in memory, in files, and what comes from others. */
class ReplicasTest {
  private static final JobId JOB = new JobId("toy");

  @TempDir Path folder;

  private final ReplicaStore store = new ReplicaStore(10 << 20);

  @Test
  void memoryKeepsStatesByBoundaryUntilTheyAreNeededNoMore() {
    store.keep(10, "", List.of(state(1, 10), state(2, 10)));
    store.keep(20, "", List.of(state(1, 20)));
    store.keep(30, "", List.of(state(1, 30)));

    store.dropBefore(20);
    store.dropAfter(20);

    assertThat(store.held()).isEqualTo(Map.of(20L, new TreeSet<>(List.of(shared(1)))));
    assertThat(store.get(20, shared(1)))
        .hasValueSatisfying(s -> assertThat(s.steps()).isEqualTo(20));
    assertThat(store.get(10, shared(2))).isEmpty();
  }

  @Test
  void memoryIsBounded() {
    int most = store.mostSteps();
    for (long step = 1; step <= most + 5; step++) {
      store.keep(step, "", List.of(state(1, step)));
    }

    assertThat(store.held()).hasSize(most).doesNotContainKey(5L);
    assertThat(store.keptSince(most, shared(1))).isEqualTo(6);
    assertThat(new ReplicaStore(10).mostSteps()).isEqualTo(64);
    assertThat(new ReplicaStore(10L << 30).mostSteps()).isEqualTo(4);
  }

  @Test
  void theLastStateOfAClientIsKeptForWhenItComesBack() {
    store.keep(10, "phone-1", List.of(state(0, 10)));
    store.keep(20, "phone-1", List.of(state(0, 20)));
    store.keep(30, "phone-2", List.of(state(0, 30)));
    store.keep(30, "", List.of(state(1, 30)));

    store.dropBefore(40);

    assertThat(store.held())
        .isEqualTo(
            Map.of(
                20L, new TreeSet<>(List.of(new OwnedLayer("phone-1", 0))),
                30L, new TreeSet<>(List.of(new OwnedLayer("phone-2", 0)))));
    assertThat(store.get(20, new OwnedLayer("phone-2", 0))).isEmpty();
  }

  @Test
  void filesOfClientsDoNotMeet() throws IOException {
    ReplicaFolder files = new ReplicaFolder(folder, JOB);
    files.write(20, "phone-1", state(0, 19));
    files.write(20, "phone-2", state(0, 20));

    assertThat(files.read(20, new OwnedLayer("phone-1", 0)).map(LayerState::steps)).contains(19L);
    assertThat(files.read(20, new OwnedLayer("phone-2", 0)).map(LayerState::steps)).contains(20L);
    files.dropBefore(30, new TreeSet<>(List.of(new OwnedLayer("phone-1", 0))));
    assertThat(files.held())
        .isEqualTo(Map.of(20L, new TreeSet<>(List.of(new OwnedLayer("phone-2", 0)))));
  }

  @Test
  void filesOutliveTheProcess() throws IOException {
    new ReplicaFolder(folder, JOB).write(10, "", state(1, 10));
    new ReplicaFolder(folder, JOB).write(20, "", state(1, 20));
    new ReplicaFolder(folder, JOB).write(20, "", state(2, 20));

    ReplicaFolder files = new ReplicaFolder(folder, JOB);

    assertThat(files.held())
        .isEqualTo(
            Map.of(
                10L,
                new TreeSet<>(List.of(shared(1))),
                20L,
                new TreeSet<>(List.of(shared(1), shared(2)))));
    assertThat(files.read(20, shared(2)).map(LayerState::sha256)).contains(state(2, 20).sha256());
    assertThat(files.read(20, shared(3))).isEmpty();
    files.dropBefore(20, new TreeSet<>(List.of(shared(1))));
    assertThat(files.held()).containsOnlyKeys(20L);
    files.dropAfter(15);
    assertThat(files.held()).isEmpty();
  }

  @Test
  void aDamagedFileIsPutAsideAndNotCountedOnAgain() throws IOException {
    ReplicaFolder files = new ReplicaFolder(folder, JOB);
    files.write(20, "", state(1, 20));
    files.write(20, "", state(2, 20));
    Path file = folder.resolve("toy").resolve("step-20-layer-1.replica");
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length - 1] ^= 1;
    Files.write(file, bytes);
    Files.write(folder.resolve("toy").resolve("step-20-layer-2.replica"), new byte[] {1, 2});

    assertThat(files.read(20, shared(1))).isEmpty();
    assertThat(files.read(20, shared(2))).isEmpty();

    assertThat(files.held()).isEmpty();
    assertThat(folder.resolve("toy").resolve("step-20-layer-1.replica.damaged")).exists();
  }

  @Test
  void aReplicaIsKeptOnceItIsWhole() {
    IncomingReplicas incoming = incoming();
    byte[] encoded = state(2, 20).encode();

    incoming.accept("cloud", chunk(0, 20, 2, encoded, 0, 2));
    assertThat(store.held()).isEmpty();
    incoming.accept("cloud", chunk(0, 20, 2, encoded, 1, 2));

    assertThat(store.get(20, shared(2)).map(LayerState::sha256)).contains(state(2, 20).sha256());
  }

  @Test
  void aNewerReplicaReplacesOneThatIsNotWholeAndTheOneBeforeStays() {
    IncomingReplicas incoming = incoming();
    send(incoming, 0, 10, state(2, 10));
    incoming.accept("cloud", chunk(0, 20, 2, state(2, 20).encode(), 0, 2));

    send(incoming, 0, 30, state(2, 30));
    incoming.accept("cloud", chunk(0, 20, 2, state(2, 20).encode(), 1, 2));

    assertThat(store.held()).containsOnlyKeys(10L, 30L);
  }

  @Test
  void whatThisNodeMayNotHoldIsRefused() {
    send(incoming(), 0, 20, state(0, 20));

    assertThat(store.held()).isEmpty();
    send(
        new IncomingReplicas(
            ReplicaRouteTest.job(),
            new ReplicationSpec(10, true, Optional.empty(), List.of(EDGE), false),
            EDGE,
            store),
        0,
        20,
        state(0, 20));
    assertThat(store.held()).containsOnlyKeys(20L);
  }

  @Test
  void whatIsDamagedTooLargeOfAnotherLayerOrFromBeforeARecoveryIsDropped() {
    IncomingReplicas incoming = incoming();
    byte[] encoded = state(2, 20).encode();
    incoming.accept("cloud", chunk(0, 20, 2, encoded, 0, 1).toBuilder().setCrc(7).build());
    incoming.accept("cloud", chunk(0, 20, 3, encoded, 0, 1));
    incoming.accept("cloud", chunk(0, 20, 7, encoded, 0, 1));
    byte[] large = new byte[200_000];
    incoming.accept("cloud", chunk(0, 20, 2, large, 0, 2));
    incoming.accept("cloud", chunk(0, 20, 2, large, 1, 2));
    assertThat(store.held()).isEmpty();

    incoming.restartAt(1);
    send(incoming, 0, 30, state(2, 30));
    assertThat(store.held()).isEmpty();
    send(incoming, 1, 30, state(2, 30));
    assertThat(store.held()).containsOnlyKeys(30L);
  }

  private IncomingReplicas incoming() {
    return new IncomingReplicas(
        ReplicaRouteTest.job(), ReplicationSpec.toNeighbours(10), EDGE, store);
  }

  private static void send(IncomingReplicas incoming, long epoch, long step, LayerState state) {
    incoming.accept(CLOUD.value(), chunk(epoch, step, state.layer(), state.encode(), 0, 1));
  }

  private static StateChunk chunk(
      long epoch, long step, int layer, byte[] encoded, int index, int count) {
    int size = (encoded.length + count - 1) / count;
    ByteString data =
        ByteString.copyFrom(encoded, index * size, Math.min(size, encoded.length - index * size));
    return StateChunk.newBuilder()
        .setPart(StateChunk.Part.REPLICA)
        .setEpoch(epoch)
        .setStep(step)
        .setLayer(layer)
        .setIndex(index)
        .setCount(count)
        .setCrc(Checksums.crc(data))
        .setData(data)
        .build();
  }

  private static LayerState state(int layer, long steps) {
    return new LayerState(
        layer,
        steps,
        new TreeMap<>(Map.of("weight", new Tensor(new float[] {layer, steps}, new long[] {2}))));
  }
}
