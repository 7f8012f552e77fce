package io.foresplit.runtime.node;

import io.foresplit.contract.JobSpec;
import io.foresplit.contract.LayerProfile;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * How much layer state a node keeps that is not in force: for each of two actions as much as the
 * whole model with its optimiser has. What a third action sends takes the place of the action that
 * was silent longest. Not thread-safe.
 */
final class StagingBudget {
  private static final int ACTIONS = 2;

  /** Parameters, Adam's two moments, and as much again. */
  private static final int STATE_FACTOR = 4;

  private static final long LAYER_BYTES = 64 << 10;
  private static final int MAX_ACTION_CHARACTERS = 128;

  private final int layers;
  private final long bytesPerAction;
  private final Map<String, Long> used = new LinkedHashMap<>();

  /**
   * A budget.
   *
   * @param layers of the model
   * @param bytesPerAction chunks count with what it takes to keep them
   */
  StagingBudget(int layers, long bytesPerAction) {
    this.layers = layers;
    this.bytesPerAction = bytesPerAction;
  }

  /** The budget for a job's model. */
  static StagingBudget of(JobSpec job) {
    return new StagingBudget(job.layers().size(), bytes(job, 0, job.layers().size() - 1));
  }

  /** What the state of some layers may take in chunks. */
  static long bytes(JobSpec job, int firstLayer, int lastLayer) {
    long bytes = 0;
    for (LayerProfile layer : job.layers().subList(firstLayer, lastLayer + 1)) {
      bytes += STATE_FACTOR * layer.parameterBytes() + LAYER_BYTES;
    }
    return bytes;
  }

  /**
   * What becomes of a chunk.
   *
   * @param evicted an action to be forgotten
   */
  record Verdict(boolean fits, Optional<String> evicted) {}

  /** Takes a chunk that is not kept yet, if it fits. */
  Verdict take(String action, int layer, int bytes) {
    long before = used.getOrDefault(action, 0L);
    long after = before + bytes + ChunkAssembly.OVERHEAD_BYTES;
    if (layer < 0
        || layer >= layers
        || after > bytesPerAction
        || action.length() > MAX_ACTION_CHARACTERS) {
      return new Verdict(false, Optional.empty());
    }
    Optional<String> evicted = Optional.empty();
    if (!used.containsKey(action) && used.size() == ACTIONS) {
      evicted = Optional.of(used.keySet().iterator().next());
      evicted.ifPresent(used::remove);
    }
    used.remove(action); // the latest comes last
    used.put(action, after);
    return new Verdict(true, evicted);
  }

  /** An action is over. */
  void release(String action) {
    used.remove(action);
  }
}
