package io.foresplit.runtime.node;

import com.google.protobuf.ByteString;
import io.foresplit.runtime.proto.StateChunk;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Bytes being put together from chunks, in any order and each as often as it comes. Not
 * thread-safe.
 */
final class ChunkAssembly {
  /** What it takes to keep a chunk besides its bytes. */
  static final int OVERHEAD_BYTES = 256;

  private static final int MAX_CHUNKS = 1 << 16;

  private final Map<Integer, ByteString> chunks = new TreeMap<>();
  private int count;
  private long bytes;
  private String damage = "";

  /**
   * Takes a chunk. A damaged one spoils the whole.
   *
   * @return memory it takes; none when it has come before
   */
  int add(StateChunk chunk) {
    if (chunk.getCount() < 1
        || chunk.getCount() > MAX_CHUNKS
        || chunk.getIndex() < 0
        || chunk.getIndex() >= chunk.getCount()
        || (count != 0 && chunk.getCount() != count)
        || Checksums.crc(chunk.getData()) != chunk.getCrc()) {
      damage = "chunk " + chunk.getIndex() + " of " + chunk.getCount() + " came damaged";
      return 0;
    }
    count = chunk.getCount();
    if (chunks.putIfAbsent(chunk.getIndex(), chunk.getData()) != null) {
      return 0;
    }
    bytes += chunk.getData().size();
    return chunk.getData().size() + OVERHEAD_BYTES;
  }

  /** Whether a chunk has come, undamaged. */
  boolean has(int index) {
    return chunks.containsKey(index);
  }

  /** What has come. */
  long bytes() {
    return bytes;
  }

  /** Memory that all of it takes. */
  long heldBytes() {
    return bytes + (long) OVERHEAD_BYTES * chunks.size();
  }

  /** What is wrong with a chunk that came; empty when nothing is. */
  String damage() {
    return damage;
  }

  boolean complete() {
    return damage.isEmpty() && count > 0 && chunks.size() == count;
  }

  /** All bytes; empty while some are missing. */
  Optional<byte[]> whole() {
    return complete()
        ? Optional.of(ByteString.copyFrom(chunks.values()).toByteArray())
        : Optional.empty();
  }
}
