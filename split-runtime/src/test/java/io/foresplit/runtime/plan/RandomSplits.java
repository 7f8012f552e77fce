package io.foresplit.runtime.plan;

import io.foresplit.runtime.plan.ModelGraph.Layer;
import io.foresplit.runtime.plan.TierNetwork.Link;
import io.foresplit.runtime.plan.TierNetwork.Tier;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;

/** Random models and networks, and a second, plainer price of a placement. */
final class RandomSplits {
  private final Random random;

  RandomSplits(long seed) {
    random = new Random(seed);
  }

  /** A graph in which each layer takes one to three earlier ones, but for some sources. */
  ModelGraph dag(int layers) {
    return graph(
        layers,
        (v, inputs) -> {
          if (v > 0 && random.nextInt(8) > 0) {
            for (int i = random.nextInt(3); i >= 0; i--) {
              inputs.add(Math.max(0, v - 1 - random.nextInt(3)));
            }
          }
        });
  }

  ModelGraph chain(int layers) {
    return graph(
        layers,
        (v, inputs) -> {
          if (v > 0) {
            inputs.add(v - 1);
          }
        });
  }

  /** Branches that part and join again, one after the other, so that there are blocks. */
  ModelGraph blocks(int blocks) {
    List<List<Integer>> inputs = new ArrayList<>(List.of(List.of()));
    for (int b = 0; b < blocks; b++) {
      int entry = inputs.size() - 1;
      List<Integer> ends = new ArrayList<>();
      for (int branch = random.nextInt(3); branch >= 0; branch--) {
        int last = entry;
        for (int i = random.nextInt(3); i > 0; i--) {
          inputs.add(List.of(last));
          last = inputs.size() - 1;
        }
        ends.add(last);
      }
      inputs.add(ends);
    }
    return graph(inputs.size(), (v, found) -> found.addAll(inputs.get(v)));
  }

  private interface Inputs {
    void add(int layer, List<Integer> inputs);
  }

  private ModelGraph graph(int layers, Inputs chosen) {
    List<Layer> made = new ArrayList<>();
    boolean sameGradient = random.nextBoolean();
    for (int v = 0; v < layers; v++) {
      List<Integer> inputs = new ArrayList<>();
      chosen.add(v, inputs);
      long output = size();
      made.add(
          new Layer(
              "l" + v,
              "",
              inputs,
              seconds(),
              seconds(),
              new LayerBytes(output, sameGradient ? output : size(), size(), size(), size()),
              v == 0,
              v == layers - 1));
    }
    return new ModelGraph("random", made);
  }

  private double seconds() {
    return random.nextInt(5) == 0 ? 0 : 0.05 * random.nextDouble();
  }

  private long size() {
    return random.nextInt(6) == 0 ? 0 : 1 + random.nextInt(100_000);
  }

  /** Of tiers with speeds; half of the time faster with each tier. */
  TierNetwork network(int tiers) {
    boolean faster = random.nextBoolean();
    List<Tier> made = new ArrayList<>();
    List<Link> links = new ArrayList<>();
    double speed = 0.2;
    for (int k = 0; k < tiers; k++) {
      speed = faster ? speed * (1 + 4 * random.nextDouble()) : wide();
      made.add(Tier.ofSpeed("t" + k, speed));
      if (k > 0) {
        links.add(new Link(2e6 * wide(), 2e6 * wide(), random.nextInt(2) * 0.02 * wide()));
      }
    }
    return new TierNetwork(made, links);
  }

  /** The same network with seconds of its own for each layer. */
  TierNetwork measured(TierNetwork network, ModelGraph model) {
    List<Tier> tiers = new ArrayList<>();
    for (Tier tier : network.tiers()) {
      Map<String, Double> seconds = new HashMap<>();
      model.layers().forEach(l -> seconds.put(l.name(), l.seconds() * wide()));
      tiers.add(new Tier(tier.name(), tier.speed(), seconds, tier.memoryBytes()));
    }
    return new TierNetwork(tiers, network.links());
  }

  /** Memory for a part of the model on each tier. */
  TierNetwork limited(TierNetwork network, ModelGraph model) {
    double all = model.layers().stream().mapToDouble(l -> l.bytes().memory()).sum() + 1;
    List<Tier> tiers = new ArrayList<>();
    for (Tier tier : network.tiers()) {
      double share = 0.2 + random.nextDouble();
      tiers.add(
          new Tier(
              tier.name(),
              tier.speed(),
              tier.layerSeconds(),
              random.nextInt(3) == 0 ? Tier.UNLIMITED : share * all));
    }
    return new TierNetwork(tiers, network.links());
  }

  /** Some layers on some tiers. */
  SplitRequest pinned(SplitRequest request, ModelGraph model) {
    SplitRequest pinned = request;
    for (Layer layer : model.layers()) {
      if (random.nextInt(4) == 0) {
        pinned = pinned.withPin(layer.name(), tiers(request.network()));
      }
    }
    return random.nextBoolean() ? pinned.withLabelsOn(tiers(request.network())) : pinned;
  }

  private Set<String> tiers(TierNetwork network) {
    String one = network.tierNames().get(random.nextInt(network.tiers().size()));
    String other = network.tierNames().get(random.nextInt(network.tiers().size()));
    return one.equals(other) ? Set.of(one) : Set.of(one, other);
  }

  /** A present placement that may be any. */
  Migration migration(ModelGraph model, TierNetwork network) {
    Map<String, String> now = new HashMap<>();
    int tier = 0;
    for (Layer layer : model.layers()) {
      tier = Math.min(network.tiers().size() - 1, tier + random.nextInt(5) / 4);
      now.put(layer.name(), network.tierNames().get(tier));
    }
    return new Migration(now, 1 + random.nextInt(200), random.nextInt(2) * random.nextDouble());
  }

  int upTo(int bound) {
    return 1 + random.nextInt(bound);
  }

  /** From a tenth to ten. */
  private double wide() {
    return Math.pow(10, 2 * random.nextDouble() - 1);
  }

  /** Tiers to the power of layers. */
  static void everyPlacement(int layers, int tiers, Consumer<int[]> visitor) {
    int[] tier = new int[layers];
    while (true) {
      visitor.accept(tier);
      int v = 0;
      while (v < layers && ++tier[v] == tiers) {
        tier[v++] = 0;
      }
      if (v == layers) {
        return;
      }
    }
  }

  /** The objective by the words of its documentation; infinite when a rule is broken. */
  static double price(ModelGraph model, SplitRequest request, int[] tier) {
    TierNetwork network = request.network();
    int tiers = network.tiers().size();
    int parts = request.objective().microBatches();
    double[] stage = new double[tiers];
    double[] link = new double[tiers];
    double[] memory = new double[tiers];
    double extra = 0;
    boolean moved = false;
    for (int v = 0; v < tier.length; v++) {
      Layer layer = model.layers().get(v);
      Tier on = network.tiers().get(tier[v]);
      if (!mayBe(request, layer, tier[v])) {
        return Double.POSITIVE_INFINITY;
      }
      stage[tier[v]] +=
          (on.layerSeconds().isEmpty()
                  ? layer.seconds() / on.speed()
                  : on.layerSeconds().get(layer.name()))
              / parts;
      LayerBytes bytes = layer.bytes();
      memory[tier[v]] += 2 * bytes.parameters() + bytes.optimiser() + bytes.activation();
      int farthest = tier[v];
      for (int w = v + 1; w < tier.length; w++) {
        if (model.layers().get(w).inputs().contains(v)) {
          if (tier[w] < tier[v]) {
            return Double.POSITIVE_INFINITY;
          }
          farthest = Math.max(farthest, tier[w]);
        }
      }
      for (int j = tier[v]; j < farthest && bytes.output() + bytes.gradient() > 0; j++) {
        Link over = network.links().get(j);
        link[j] +=
            bytes.output() / over.upBytesPerSecond() / parts
                + bytes.gradient() / over.downBytesPerSecond() / parts
                + over.roundTripSeconds();
      }
      if (request.exchangeBatches() > 0 && tier[v] == 0 && tiers > 1) {
        Link over = network.links().get(0);
        extra +=
            bytes.parameters()
                * (1 / over.upBytesPerSecond() + 1 / over.downBytesPerSecond())
                / request.exchangeBatches();
      }
      if (request.migration().isPresent()) {
        Migration from = request.migration().get();
        int now = network.tierNames().indexOf(from.tierOfLayer().get(layer.name()));
        double state = bytes.parameters() + bytes.optimiser();
        for (int j = Math.min(now, tier[v]); j < Math.max(now, tier[v]); j++) {
          Link over = network.links().get(j);
          extra +=
              state
                  / (now < tier[v] ? over.upBytesPerSecond() : over.downBytesPerSecond())
                  / from.horizonSteps();
        }
        moved |= now != tier[v];
      }
    }
    if (moved) {
      extra += request.migration().get().fixedSeconds() / request.migration().get().horizonSteps();
    }
    double sum = 0;
    double max = 0;
    for (int k = 0; k < tiers; k++) {
      if (memory[k] > network.tiers().get(k).memoryBytes()) {
        return Double.POSITIVE_INFINITY;
      }
      sum += stage[k] + link[k];
      max = Math.max(max, Math.max(stage[k], link[k]));
    }
    return sum + (parts - 1) * max + extra;
  }

  private static boolean mayBe(SplitRequest request, Layer layer, int tier) {
    String name = request.network().tierNames().get(tier);
    Set<String> pin = request.pins().get(layer.name());
    if (pin != null) {
      return pin.contains(name);
    }
    return !(layer.readsInput() && tier > 0)
        && !(layer.readsLabels()
            && !request.labelTiers().isEmpty()
            && !request.labelTiers().contains(name));
  }
}
