package io.foresplit.runtime.plan;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What to plan for. Without further rules, layers that read raw data stay on the first tier and all
 * others may be anywhere. Immutable.
 *
 * @param pins names of the tiers a layer may be on, by layer name; a pin takes the place of the
 *     rules for raw data and labels
 * @param labelTiers where layers that read labels may be; empty for anywhere
 * @param exchangeBatches mini-batches between two exchanges of the first tier's parameters with the
 *     next tier, both ways, as when client models are averaged; 0 for none
 */
public record SplitRequest(
    TierNetwork network,
    Map<String, Set<String>> pins,
    Set<String> labelTiers,
    SplitObjective objective,
    int exchangeBatches,
    Optional<Migration> migration) {
  public SplitRequest {
    pins = Map.copyOf(pins);
    labelTiers = Set.copyOf(labelTiers);
    if (exchangeBatches < 0) {
      throw new IllegalArgumentException(
          "mini-batches between exchanges must be at least 0, was " + exchangeBatches);
    }
  }

  /** The shortest step, with no rules but that of raw data. */
  public static SplitRequest of(TierNetwork network) {
    return new SplitRequest(
        network, Map.of(), Set.of(), new SplitObjective.Latency(), 0, Optional.empty());
  }

  /** With a layer only on some tiers. */
  public SplitRequest withPin(String layer, Set<String> tiers) {
    Map<String, Set<String>> more = new HashMap<>(pins);
    more.put(layer, tiers);
    return new SplitRequest(network, more, labelTiers, objective, exchangeBatches, migration);
  }

  /** With labels only on some tiers. */
  public SplitRequest withLabelsOn(Set<String> tiers) {
    return new SplitRequest(network, pins, tiers, objective, exchangeBatches, migration);
  }

  /** With another objective. */
  public SplitRequest withObjective(SplitObjective other) {
    return new SplitRequest(network, pins, labelTiers, other, exchangeBatches, migration);
  }

  /** With an exchange of the first tier's parameters; see the parameter. */
  public SplitRequest withExchangeEvery(int batches) {
    return new SplitRequest(network, pins, labelTiers, objective, batches, migration);
  }

  /** Seen from a present placement. */
  public SplitRequest withMigration(Migration from) {
    return new SplitRequest(
        network, pins, labelTiers, objective, exchangeBatches, Optional.of(from));
  }
}
