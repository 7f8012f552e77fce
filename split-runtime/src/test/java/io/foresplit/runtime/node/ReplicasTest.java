package io.foresplit.runtime.node;

import static io.foresplit.runtime.node.ReplicaRouteTest.CLOUD;
import static io.foresplit.runtime.node.ReplicaRouteTest.EDGE;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.foresplit.contract.JobId;
import io.foresplit.contract.ReplicationSpec;
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

  private final ReplicaStore store = new ReplicaStore();

  @Test
  void memoryKeepsStatesByBoundaryUntilTheyAreNeededNoMore() {
    store.keep(10, List.of(state(1, 10), state(2, 10)));
    store.keep(20, List.of(state(1, 20)));
    store.keep(30, List.of(state(1, 30)));

    store.dropBefore(20);
    store.dropAfter(20);

    assertThat(store.held()).isEqualTo(Map.of(20L, new TreeSet<>(List.of(1))));
    assertThat(store.get(20, 1)).hasValueSatisfying(s -> assertThat(s.steps()).isEqualTo(20));
    assertThat(store.get(10, 2)).isEmpty();
  }

  @Test
  void memoryIsBounded() {
    for (long step = 1; step <= ReplicaStore.MAX_STEPS + 5; step++) {
      store.keep(step, List.of(state(1, step)));
    }

    assertThat(store.held()).hasSize(ReplicaStore.MAX_STEPS).doesNotContainKey(5L);
    assertThat(store.keptSince(ReplicaStore.MAX_STEPS, 1)).isEqualTo(6);
  }

  @Test
  void filesOutliveTheProcess() throws IOException {
    new ReplicaFolder(folder, JOB).write(10, state(1, 10));
    new ReplicaFolder(folder, JOB).write(20, state(1, 20));
    new ReplicaFolder(folder, JOB).write(20, state(2, 20));

    ReplicaFolder files = new ReplicaFolder(folder, JOB);

    assertThat(files.held())
        .isEqualTo(Map.of(10L, new TreeSet<>(List.of(1)), 20L, new TreeSet<>(List.of(1, 2))));
    assertThat(files.read(20, 2).map(LayerState::sha256)).contains(state(2, 20).sha256());
    assertThat(files.read(20, 3)).isEmpty();
    files.dropBefore(20, new TreeSet<>(List.of(1)));
    assertThat(files.held()).containsOnlyKeys(20L);
    files.dropAfter(15);
    assertThat(files.held()).isEmpty();
  }

  @Test
  void aDamagedFileIsPutAsideAndNotCountedOnAgain() throws IOException {
    ReplicaFolder files = new ReplicaFolder(folder, JOB);
    files.write(20, state(1, 20));
    files.write(20, state(2, 20));
    Path file = folder.resolve("toy").resolve("step-20-layer-1.replica");
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length - 1] ^= 1;
    Files.write(file, bytes);
    Files.write(folder.resolve("toy").resolve("step-20-layer-2.replica"), new byte[] {1, 2});

    assertThat(files.read(20, 1)).isEmpty();
    assertThat(files.read(20, 2)).isEmpty();

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

    assertThat(store.get(20, 2).map(LayerState::sha256)).contains(state(2, 20).sha256());
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
