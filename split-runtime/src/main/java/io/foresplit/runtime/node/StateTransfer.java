package io.foresplit.runtime.node;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.foresplit.contract.NodeId;
import io.foresplit.runtime.proto.Envelope;
import io.foresplit.runtime.proto.LayerDigest;
import io.foresplit.runtime.proto.StateChunk;
import io.foresplit.runtime.tensor.LayerState;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** Streams layer states to another node in checksummed chunks, a few at a time. */
final class StateTransfer {
  static final int CHUNK_BYTES = 256 << 10;
  private static final int WINDOW = 4;

  private final Router router;

  StateTransfer(Router router) {
    this.router = router;
  }

  /**
   * Sends states; blocks until the neighbour on the way has all of them.
   *
   * @return what was sent, for the target to check
   */
  List<LayerDigest> send(String action, List<LayerState> states, NodeId target)
      throws InterruptedException, ExecutionException {
    List<LayerDigest> digests = new ArrayList<>();
    Deque<CompletableFuture<Void>> out = new ArrayDeque<>();
    for (LayerState state : states) {
      byte[] encoded = state.encode();
      digests.add(
          LayerDigest.newBuilder()
              .setLayer(state.layer())
              .setSize(encoded.length)
              .setSha256(Checksums.sha256(encoded))
              .build());
      int count = Math.max(1, (encoded.length + CHUNK_BYTES - 1) / CHUNK_BYTES);
      for (int index = 0; index < count; index++) {
        if (out.size() == WINDOW) {
          out.remove().get();
        }
        out.add(router.send(target, chunk(action, state.layer(), encoded, index, count)));
      }
    }
    for (CompletableFuture<Void> sent : out) {
      sent.get();
    }
    return digests;
  }

  private static Envelope.Builder chunk(
      String action, int layer, byte[] encoded, int index, int count) {
    int from = index * CHUNK_BYTES;
    ByteString data =
        UnsafeByteOperations.unsafeWrap(
            encoded, from, Math.min(CHUNK_BYTES, encoded.length - from));
    return Envelope.newBuilder()
        .setChunk(
            StateChunk.newBuilder()
                .setAction(action)
                .setLayer(layer)
                .setIndex(index)
                .setCount(count)
                .setCrc(Checksums.crc(data))
                .setData(data));
  }
}
