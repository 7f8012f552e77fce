package io.foresplit.runtime.plan;

import java.util.List;

/**
 * The best placement along the order of layers among those that keep a given number of layers on
 * the first tier.
 *
 * @param nearLayers layers on the first tier: the first so many
 * @param tierOfLayer index of the tier, by layer
 * @param objectiveSeconds as in {@link SplitPlan}
 */
public record CutOption(int nearLayers, List<Integer> tierOfLayer, double objectiveSeconds) {
  public CutOption {
    tierOfLayer = List.copyOf(tierOfLayer);
  }
}
