package io.foresplit.runtime.plan;

import java.util.List;

/**
 * A placement of every layer, with its price.
 *
 * @param tierOfLayer index of the tier, by layer
 * @param stepSeconds predicted seconds of one step
 * @param objectiveSeconds what was made small: the step and, where asked for, its share of a move
 * @param boundSeconds no placement that keeps the rules has a smaller objective
 * @param tiers what each tier does
 * @param links what each link carries
 * @param moveSeconds once, to get there from the present placement; 0 without one
 */
public record SplitPlan(
    List<Integer> tierOfLayer,
    double stepSeconds,
    double objectiveSeconds,
    double boundSeconds,
    List<TierLoad> tiers,
    List<LinkLoad> links,
    double moveSeconds) {
  /** Rounding of sums in different order. */
  private static final double EXACT = 1e-9;

  public SplitPlan {
    tierOfLayer = List.copyOf(tierOfLayer);
    tiers = List.copyOf(tiers);
    links = List.copyOf(links);
  }

  /** Whether no placement is better. */
  public boolean optimal() {
    return objectiveSeconds <= boundSeconds * (1 + EXACT);
  }

  /**
   * One tier's part.
   *
   * @param seconds compute of one step
   */
  public record TierLoad(int layers, double seconds, double memoryBytes) {}

  /**
   * What crosses a link in one step.
   *
   * @param tensors outputs that cross, each once however many layers take it
   */
  public record LinkLoad(int tensors, double upBytes, double downBytes, double seconds) {}
}
