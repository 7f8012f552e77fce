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
import java.util.concurrent.atomic.AtomicLong;

/**
 * Streams bytes to another node in checksummed chunks, a few at a time. Used by one thread; {@link
 * #sentBytes} by any.
 */
final class StateTransfer {
  static final int CHUNK_BYTES = 256 << 10;
  static final int WINDOW = 4;

  /**
   * While steps run: a step waits for one chunk at most where they share a link (7 ms at 20
   * Mbit/s), and what is under way when a pre-copy is given up is soon gone.
   */
  static final int SHARED_CHUNK_BYTES = 16 << 10;

  static final int SHARED_WINDOW = 16;

  /** How long a piece may take on a link that steps use too, as declared. */
  private static final double SHARED_CHUNK_SECONDS = 0.0065;

  /** While nothing steps: enough on the way for 4 GB/s over 1 ms, half of what a link holds. */
  static final int RECOVERY_WINDOW = 16;

  private final Sender sender;
  private final NodeId target;
  private final int chunkBytes;
  private final int window;
  private final Deque<Sent> out = new ArrayDeque<>();
  private final AtomicLong sentBytes = new AtomicLong();

  /** Sends towards a node. */
  @FunctionalInterface
  interface Sender {
    /** Done when the neighbour on the way has it. */
    CompletableFuture<Void> send(NodeId to, Envelope.Builder body);
  }

  private record Sent(int bytes, CompletableFuture<Void> arrived) {}

  /**
   * A transfer.
   *
   * @param chunkBytes most bytes of a chunk
   * @param window most chunks on their way to the neighbour
   */
  StateTransfer(Sender sender, NodeId target, int chunkBytes, int window) {
    this.sender = sender;
    this.target = target;
    this.chunkBytes = chunkBytes;
    this.window = window;
  }

  /**
   * Bytes of a piece on a link that steps use too: a fast link takes larger ones in the same time,
   * at a fraction of the work.
   *
   * @param bytesPerSecond of the slowest link on the way, as declared
   */
  static int sharedChunkBytes(double bytesPerSecond) {
    return (int)
        Math.max(SHARED_CHUNK_BYTES, Math.min(CHUNK_BYTES, bytesPerSecond * SHARED_CHUNK_SECONDS));
  }

  /**
   * Sends states; blocks until the neighbour on the way has all of them.
   *
   * @return what was sent, for the target to check
   */
  List<LayerDigest> send(String action, List<LayerState> states)
      throws InterruptedException, ExecutionException {
    List<LayerDigest> digests = new ArrayList<>();
    for (LayerState state : states) {
      byte[] encoded = state.encode();
      digests.add(Checksums.digest(state.layer(), encoded));
      send(StateChunk.newBuilder().setAction(action).setLayer(state.layer()), encoded);
    }
    flush();
    return digests;
  }

  /**
   * Sends bytes.
   *
   * @param template says whose they are
   */
  void send(StateChunk.Builder template, byte[] bytes)
      throws InterruptedException, ExecutionException {
    int count = Math.max(1, (bytes.length + chunkBytes - 1) / chunkBytes);
    for (int index = 0; index < count; index++) {
      if (out.size() == window) {
        awaitOldest();
      }
      int from = index * chunkBytes;
      int length = Math.min(chunkBytes, bytes.length - from);
      ByteString data = UnsafeByteOperations.unsafeWrap(bytes, from, length);
      StateChunk chunk =
          template
              .clone()
              .setIndex(index)
              .setCount(count)
              .setCrc(Checksums.crc(data))
              .setData(data)
              .build();
      out.add(new Sent(length, sender.send(target, Envelope.newBuilder().setChunk(chunk))));
    }
  }

  /** Blocks until the neighbour has all. */
  void flush() throws InterruptedException, ExecutionException {
    while (!out.isEmpty()) {
      awaitOldest();
    }
  }

  /** What the neighbour has. */
  long sentBytes() {
    return sentBytes.get();
  }

  private void awaitOldest() throws InterruptedException, ExecutionException {
    Sent oldest = out.remove();
    oldest.arrived().get();
    sentBytes.addAndGet(oldest.bytes());
  }
}
