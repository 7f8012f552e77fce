package io.foresplit.runtime.node;

import com.google.protobuf.ByteString;
import io.foresplit.runtime.proto.LayerDigest;
import io.foresplit.runtime.proto.StateChunk;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Layer states that have come for an action and are not in force. Chunks may come in any order and
 * more than once. Thread-safe.
 */
final class StagedLayers {
  private static final Logger LOG = LoggerFactory.getLogger(StagedLayers.class);
  private static final int MAX_CHUNKS = 4096;
  private static final int ENDED_KEPT = 64;

  private final StagingBudget budget;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Map<String, Map<Integer, Assembly>> actions = new HashMap<>();
  private final Deque<String> ended = new ArrayDeque<>();

  /** One layer state being put together. */
  private static final class Assembly {
    private final Map<Integer, ByteString> chunks = new TreeMap<>();
    private final int count;

    private Assembly(int count) {
      this.count = count;
    }

    private Optional<byte[]> whole() {
      return chunks.size() == count
          ? Optional.of(ByteString.copyFrom(chunks.values()).toByteArray())
          : Optional.empty();
    }
  }

  /**
   * Nothing yet.
   *
   * @param budget bounds what is kept
   */
  StagedLayers(StagingBudget budget) {
    this.budget = budget;
  }

  /** Takes a chunk; one that is damaged, of an ended action or above the budget is dropped. */
  void accept(StateChunk chunk) {
    if (chunk.getCount() < 1
        || chunk.getCount() > MAX_CHUNKS
        || chunk.getIndex() < 0
        || chunk.getIndex() >= chunk.getCount()
        || Checksums.crc(chunk.getData()) != chunk.getCrc()) {
      LOG.warn(
          "chunk {} of layer {} for action {} is damaged and dropped",
          chunk.getIndex(),
          chunk.getLayer(),
          chunk.getAction());
      return;
    }
    lock.lock();
    try {
      if (ended.contains(chunk.getAction()) || isKept(chunk)) {
        return;
      }
      StagingBudget.Verdict verdict =
          budget.take(chunk.getAction(), chunk.getLayer(), chunk.getData().size());
      verdict.evicted().ifPresent(actions::remove);
      if (!verdict.fits()) {
        LOG.debug("a chunk of layer {} is above the budget and dropped", chunk.getLayer());
        return;
      }
      Assembly assembly =
          actions
              .computeIfAbsent(chunk.getAction(), a -> new HashMap<>())
              .computeIfAbsent(chunk.getLayer(), l -> new Assembly(chunk.getCount()));
      if (assembly.count == chunk.getCount()) {
        assembly.chunks.putIfAbsent(chunk.getIndex(), chunk.getData());
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits until layers are complete and checks that they are what their sources sent.
   *
   * @return encoded states by layer
   */
  Map<Integer, byte[]> verified(String action, List<LayerDigest> layers, Duration limit)
      throws InterruptedException {
    Map<Integer, byte[]> states = new TreeMap<>();
    long left = limit.toNanos();
    lock.lock();
    try {
      for (LayerDigest expected : layers) {
        Optional<byte[]> state = whole(action, expected.getLayer());
        while (state.isEmpty()) {
          if (left <= 0) {
            throw new IllegalStateException(
                "layer "
                    + expected.getLayer()
                    + " did not arrive within "
                    + limit.toMillis()
                    + " ms");
          }
          left = changed.awaitNanos(left);
          state = whole(action, expected.getLayer());
        }
        states.put(expected.getLayer(), state.get());
      }
    } finally {
      lock.unlock();
    }
    for (LayerDigest expected : layers) {
      byte[] state = states.get(expected.getLayer());
      if (state == null
          || state.length != expected.getSize()
          || !Checksums.sha256(state).equals(expected.getSha256())) {
        throw new IllegalStateException(
            "layer " + expected.getLayer() + " is not what its source sent: checksums differ");
      }
    }
    return states;
  }

  /** Complete states of an action, by layer. */
  Map<Integer, byte[]> complete(String action) {
    lock.lock();
    try {
      Map<Integer, byte[]> states = new TreeMap<>();
      actions
          .getOrDefault(action, Map.of())
          .forEach((layer, assembly) -> assembly.whole().ifPresent(s -> states.put(layer, s)));
      return states;
    } finally {
      lock.unlock();
    }
  }

  /** Forgets an action; what still comes for it is dropped. */
  void end(String action) {
    lock.lock();
    try {
      actions.remove(action);
      budget.release(action);
      if (!ended.contains(action)) {
        ended.addLast(action);
      }
      if (ended.size() > ENDED_KEPT) {
        ended.removeFirst();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Bytes of all chunks that are kept. */
  long heldBytes() {
    lock.lock();
    try {
      return actions.values().stream()
          .flatMap(layers -> layers.values().stream())
          .flatMap(assembly -> assembly.chunks.values().stream())
          .mapToLong(ByteString::size)
          .sum();
    } finally {
      lock.unlock();
    }
  }

  private boolean isKept(StateChunk chunk) {
    Assembly assembly = actions.getOrDefault(chunk.getAction(), Map.of()).get(chunk.getLayer());
    return assembly != null && assembly.chunks.containsKey(chunk.getIndex());
  }

  private Optional<byte[]> whole(String action, int layer) {
    Assembly assembly = actions.getOrDefault(action, Map.of()).get(layer);
    return assembly == null ? Optional.empty() : assembly.whole();
  }
}
