package io.foresplit.runtime.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Gradients of the passes of one step until its update. The engine adds all gradients up as they
 * come; here they are told apart, so that they can be weighed and summed in the order of the
 * passes. The gradients of the pass that came last stay with the parameters: a step of one pass
 * copies nothing. Not thread-safe.
 */
final class PassGradients {
  private final NDManager manager;
  private final Collection<TrainedLayer> layers;
  private final TreeMap<Integer, Kept> kept = new TreeMap<>();
  private @Nullable Integer latest;

  private record Kept(NDManager manager, Map<TrainedLayer, Map<String, NDArray>> arrays) {}

  /**
   * No gradients.
   *
   * @param layers a view of those that are trained
   */
  PassGradients(NDManager manager, Collection<TrainedLayer> layers) {
    this.manager = manager;
    this.layers = layers;
  }

  boolean isEmpty() {
    return latest == null && kept.isEmpty();
  }

  boolean has(int pass) {
    return kept.containsKey(pass) || Integer.valueOf(pass).equals(latest);
  }

  /** A backward pass is about to begin. */
  void before() {
    if (latest != null) {
      keep(latest);
    }
  }

  /** The backward pass of a pass is done. */
  void of(int pass) {
    latest = pass;
  }

  private void keep(int pass) {
    NDManager own = manager.newSubManager();
    Map<TrainedLayer, Map<String, NDArray>> arrays = new HashMap<>();
    layers.forEach(layer -> arrays.put(layer, layer.takeGradients(own)));
    kept.put(pass, new Kept(own, arrays));
    latest = null;
  }

  /** Leaves the mean of all passes with the parameters; nothing is kept then. */
  void merge(SortedMap<Integer, Integer> samples, NDManager step) {
    TreeMap<Integer, Kept> all = kept;
    if (latest == null || !all.isEmpty()) {
      before();
    }
    if (latest == null ? !all.keySet().equals(samples.keySet()) : !only(latest, samples)) {
      NavigableSet<Integer> here = new TreeSet<>(all.keySet());
      Optional.ofNullable(latest).ifPresent(here::add);
      throw new IllegalStateException(
          "expected gradients of passes " + samples.keySet() + ", was " + here);
    }
    long total = samples.values().stream().mapToLong(Integer::longValue).sum();
    samples.forEach(
        (pass, count) -> {
          Kept gradients = all.get(pass);
          if (gradients != null) {
            float weight = (float) ((double) count / total);
            gradients.arrays().forEach((layer, arrays) -> layer.addGradients(arrays, weight, step));
          }
        });
    kept.values().forEach(gradients -> gradients.manager().close());
    kept.clear();
    latest = null;
  }

  private static boolean only(int pass, SortedMap<Integer, Integer> samples) {
    return samples.size() == 1 && samples.firstKey() == pass;
  }

  void drop(int pass) {
    before();
    Kept gradients = kept.remove(pass);
    if (gradients != null) {
      gradients.manager().close();
    }
  }

  void clear() {
    before();
    kept.values().forEach(gradients -> gradients.manager().close());
    kept.clear();
  }
}
