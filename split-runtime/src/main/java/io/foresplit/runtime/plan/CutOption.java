package io.foresplit.runtime.plan;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * A placement along the order of layers: each tier holds the layers that follow those of the tier
 * before.
 *
 * @param layersOnTier how many, by tier
 * @param tierSeconds compute of one step, by tier
 * @param linkSeconds transfers of one step, by link
 * @param objectiveSeconds as in {@link SplitPlan}
 */
public record CutOption(
    List<Integer> layersOnTier,
    List<Double> tierSeconds,
    List<Double> linkSeconds,
    double objectiveSeconds) {
  public CutOption {
    layersOnTier = List.copyOf(layersOnTier);
    tierSeconds = List.copyOf(tierSeconds);
    linkSeconds = List.copyOf(linkSeconds);
  }

  /** Layers on the first tier: the first so many. */
  public int nearLayers() {
    return layersOnTier.get(0);
  }

  /** Index of the tier, by layer. */
  public List<Integer> tierOfLayer() {
    List<Integer> tierOfLayer = new ArrayList<>();
    for (int k = 0; k < layersOnTier.size(); k++) {
      tierOfLayer.addAll(Collections.nCopies(layersOnTier.get(k), k));
    }
    return tierOfLayer;
  }
}
