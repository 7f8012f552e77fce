package io.foresplit.runtime.plan;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Tiers from the data owner to the farthest, and the links between neighbours. A tensor that skips
 * a tier is relayed by it. Immutable.
 *
 * @param links the link from tier k to tier k + 1, by k
 */
public record TierNetwork(List<Tier> tiers, List<Link> links) {
  static final int MAX_TIERS = 16;

  public TierNetwork {
    tiers = List.copyOf(tiers);
    links = List.copyOf(links);
    if (tiers.isEmpty() || tiers.size() > MAX_TIERS) {
      throw new IllegalArgumentException(
          "a network must have 1 to " + MAX_TIERS + " tiers, had " + tiers.size());
    }
    if (links.size() != tiers.size() - 1) {
      throw new IllegalArgumentException(
          tiers.size() + " tiers must have " + (tiers.size() - 1) + " links, had " + links.size());
    }
    Set<String> names = new HashSet<>();
    for (Tier tier : tiers) {
      if (!names.add(tier.name())) {
        throw new IllegalArgumentException("tier " + tier.name() + " is there twice");
      }
    }
  }

  /**
   * Where layers can run.
   *
   * @param speed relative to the profile; without meaning when layer seconds are given
   * @param layerSeconds forward and backward seconds of each layer measured on this tier, by name;
   *     empty when speed tells
   * @param memoryBytes for parameters, their gradients, moments and activations; {@link #UNLIMITED}
   *     for no limit
   */
  public record Tier(
      String name, double speed, Map<String, Double> layerSeconds, double memoryBytes) {
    public static final double UNLIMITED = Double.POSITIVE_INFINITY;

    public Tier {
      layerSeconds = Map.copyOf(layerSeconds);
      if (name.isBlank()) {
        throw new IllegalArgumentException("a tier must have a name");
      }
      require(name, "speed", speed, 1e-6, 1e9);
      layerSeconds.forEach(
          (layer, seconds) ->
              require(name, "layerSeconds of " + layer, seconds, 0, ModelGraph.MAX_SECONDS));
      if (!(memoryBytes > 0)) {
        throw new IllegalArgumentException(
            "memory of tier " + name + " must be positive, was " + memoryBytes);
      }
    }

    /** A tier without memory limit. */
    public static Tier ofSpeed(String name, double speed) {
      return new Tier(name, speed, Map.of(), UNLIMITED);
    }

    /**
     * Forward and backward seconds of a layer for one mini-batch.
     *
     * @throws IllegalArgumentException when the tier measures layers, but not this one
     */
    double seconds(ModelGraph.Layer layer) {
      if (layerSeconds.isEmpty()) {
        return layer.seconds() / speed;
      }
      Double measured = layerSeconds.get(layer.name());
      if (measured == null) {
        throw new IllegalArgumentException(
            "tier "
                + name
                + " has layerSeconds, but none of layer "
                + layer.name()
                + ": add it, or give a speed instead");
      }
      return measured;
    }
  }

  /**
   * Both directions between neighbours.
   *
   * @param upBytesPerSecond away from the data owner: activations
   * @param downBytesPerSecond towards the data owner: gradients
   * @param roundTripSeconds paid once a mini-batch for each tensor that crosses, half with its
   *     activation and half with its gradient
   */
  public record Link(double upBytesPerSecond, double downBytesPerSecond, double roundTripSeconds) {
    public Link {
      require("link", "up bytes/s", upBytesPerSecond, 1, 1e15);
      require("link", "down bytes/s", downBytesPerSecond, 1, 1e15);
      require("link", "round trip seconds", roundTripSeconds, 0, 3600);
    }

    /** Store and forward over two links: what a tier that only relays makes of them. */
    Link then(Link next) {
      return new Link(
          1 / (1 / upBytesPerSecond + 1 / next.upBytesPerSecond),
          1 / (1 / downBytesPerSecond + 1 / next.downBytesPerSecond),
          roundTripSeconds + next.roundTripSeconds);
    }
  }

  /**
   * This network with layers on some tiers only; the others between them relay.
   *
   * @param names at least one tier of this network, in any order
   */
  public TierNetwork only(Set<String> names) {
    List<Tier> kept = new ArrayList<>();
    List<Link> between = new ArrayList<>();
    for (int k = 0; k < tiers.size(); k++) {
      boolean keep = names.contains(tiers.get(k).name());
      if (!kept.isEmpty()) {
        Link link = links.get(k - 1);
        if (between.size() == kept.size()) {
          between.set(between.size() - 1, between.get(between.size() - 1).then(link));
        } else {
          between.add(link);
        }
      }
      if (keep) {
        kept.add(tiers.get(k));
      }
    }
    if (kept.size() != names.size()) {
      Set<String> unknown = new HashSet<>(names);
      tiers.forEach(tier -> unknown.remove(tier.name()));
      throw new IllegalArgumentException(
          "no tier " + unknown.iterator().next() + ", the network has " + tierNames());
    }
    return new TierNetwork(kept, between.subList(0, Math.max(0, kept.size() - 1)));
  }

  /** In order. */
  public List<String> tierNames() {
    return tiers.stream().map(Tier::name).toList();
  }

  private static void require(String of, String what, double value, double low, double high) {
    if (!(value >= low && value <= high)) {
      throw new IllegalArgumentException(
          what + " of " + of + " must be " + low + " to " + high + ", was " + value);
    }
  }
}
