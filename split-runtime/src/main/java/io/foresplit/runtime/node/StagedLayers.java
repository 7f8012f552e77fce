package io.foresplit.runtime.node;

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
 * more than once; what is sent again replaces nothing. Thread-safe.
 */
final class StagedLayers {
  private static final Logger LOG = LoggerFactory.getLogger(StagedLayers.class);
  private static final int ENDED_KEPT = 64;

  private final StagingBudget budget;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Map<String, Map<Integer, ChunkAssembly>> actions = new HashMap<>();
  private final Deque<String> ended = new ArrayDeque<>();

  /**
   * Nothing yet.
   *
   * @param budget bounds what is kept
   */
  StagedLayers(StagingBudget budget) {
    this.budget = budget;
  }

  /**
   * Takes a chunk; one of an ended action or above the budget is dropped, a damaged one is told
   * when its layer is wanted.
   */
  void accept(StateChunk chunk) {
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
      actions
          .computeIfAbsent(chunk.getAction(), a -> new HashMap<>())
          .computeIfAbsent(chunk.getLayer(), l -> new ChunkAssembly())
          .add(chunk);
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
          requireUndamaged(action, expected.getLayer());
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

  /** Whether an action is over here; the last ones are remembered. */
  boolean ended(String action) {
    lock.lock();
    try {
      return ended.contains(action);
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
          .mapToLong(ChunkAssembly::bytes)
          .sum();
    } finally {
      lock.unlock();
    }
  }

  private boolean isKept(StateChunk chunk) {
    ChunkAssembly assembly =
        actions.getOrDefault(chunk.getAction(), Map.of()).get(chunk.getLayer());
    return assembly != null && assembly.has(chunk.getIndex());
  }

  private void requireUndamaged(String action, int layer) {
    ChunkAssembly assembly = actions.getOrDefault(action, Map.of()).get(layer);
    if (assembly != null && !assembly.damage().isEmpty()) {
      throw new IllegalStateException("layer " + layer + ": " + assembly.damage());
    }
  }

  private Optional<byte[]> whole(String action, int layer) {
    ChunkAssembly assembly = actions.getOrDefault(action, Map.of()).get(layer);
    return assembly == null ? Optional.empty() : assembly.whole();
  }
}
