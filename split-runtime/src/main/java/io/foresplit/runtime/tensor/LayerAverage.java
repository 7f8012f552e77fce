package io.foresplit.runtime.tensor;

import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The mean of a layer that several clients have trained, weighted by their samples: federated
 * averaging (McMahan et al., AISTATS 2017, algorithm 1) as split federated learning does it for the
 * client-side layers (Thapa et al., AAAI 2022). The optimiser's moments are averaged like the
 * parameters, and of the update counts, which differ only when a client missed steps, the largest
 * is taken [derived].
 */
public final class LayerAverage {
  private LayerAverage() {}

  /**
   * Averages states of one layer, in their order.
   *
   * @param samples of each state, positive
   */
  public static LayerState of(List<LayerState> states, List<Integer> samples) {
    if (states.isEmpty()
        || states.size() != samples.size()
        || samples.stream().anyMatch(n -> n <= 0)) {
      throw new IllegalArgumentException(
          "expected states of one layer and positive samples of each, was "
              + states.size()
              + " states and samples "
              + samples);
    }
    LayerState first = states.get(0);
    double total = samples.stream().mapToDouble(Integer::doubleValue).sum();
    SortedMap<String, Tensor> arrays = new TreeMap<>();
    first
        .arrays()
        .forEach(
            (name, shape) -> {
              double[] sum = new double[shape.data().length];
              for (int i = 0; i < states.size(); i++) {
                Tensor own = states.get(i).arrays().get(name);
                if (own == null
                    || own.data().length != sum.length
                    || states.get(i).layer() != first.layer()) {
                  throw new IllegalArgumentException(
                      "expected states of layer " + first.layer() + " with " + name + " " + shape);
                }
                double weight = samples.get(i) / total;
                for (int k = 0; k < sum.length; k++) {
                  sum[k] += weight * own.data()[k];
                }
              }
              float[] mean = new float[sum.length];
              for (int k = 0; k < mean.length; k++) {
                mean[k] = (float) sum[k];
              }
              arrays.put(name, new Tensor(mean, shape.shape()));
            });
    long steps = states.stream().mapToLong(LayerState::steps).max().orElse(0);
    return new LayerState(first.layer(), steps, arrays);
  }
}
