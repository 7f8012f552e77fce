package io.foresplit.contract;

import java.util.List;

/**
 * A candidate of a diagnosis.
 *
 * @param probability share of belief among the candidates, in [0, 1]
 * @param evidence ids of the facts that speak for it
 */
public record RankedCause(
    ComponentId component, Cause cause, double probability, List<String> evidence) {
  public RankedCause {
    evidence = List.copyOf(evidence);
    if (!(probability >= 0 && probability <= 1)) {
      throw new IllegalArgumentException("probability must be in [0, 1], was " + probability);
    }
  }
}
