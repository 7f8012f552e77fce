package io.foresplit.bench.data;

import io.foresplit.runtime.plan.LayerBytes;
import io.foresplit.runtime.plan.ModelGraph;
import io.foresplit.runtime.plan.ModelGraph.Layer;
import io.foresplit.runtime.plan.TierNetwork;
import io.foresplit.runtime.plan.TierNetwork.Link;
import java.util.ArrayList;
import java.util.List;

/**
 * Predicted seconds of a step of one mini-batch: compute of all layers, and each output once over
 * each link up to the farthest layer that takes it, with its gradient back. The step time model of
 * the product, computed apart from it, so that one of them can be wrong. Immutable.
 */
public final class StepTime {
  private final ModelGraph model;
  private final List<List<Integer>> consumers;

  public StepTime(ModelGraph model) {
    this.model = model;
    consumers = new ArrayList<>(model.consumers());
  }

  /**
   * The step time of a placement.
   *
   * @param tierOfLayer never falling along an edge
   */
  public double seconds(TierNetwork network, List<Integer> tierOfLayer) {
    double seconds = 0;
    for (int v = 0; v < tierOfLayer.size(); v++) {
      Layer layer = model.layers().get(v);
      int tier = tierOfLayer.get(v);
      seconds += layer.seconds() / network.tiers().get(tier).speed();
      int farthest = tier;
      for (int consumer : consumers.get(v)) {
        farthest = Math.max(farthest, tierOfLayer.get(consumer));
      }
      for (int k = tier; k < farthest; k++) {
        seconds += crossing(layer.bytes(), network.links().get(k));
      }
    }
    return seconds;
  }

  private static double crossing(LayerBytes bytes, Link link) {
    if (bytes.output() == 0 && bytes.gradient() == 0) {
      return 0;
    }
    return bytes.output() / link.upBytesPerSecond()
        + bytes.gradient() / link.downBytesPerSecond()
        + link.roundTripSeconds();
  }
}
