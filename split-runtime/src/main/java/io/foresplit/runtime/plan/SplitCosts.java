package io.foresplit.runtime.plan;

import io.foresplit.runtime.plan.ModelGraph.Layer;
import io.foresplit.runtime.plan.SplitPlan.LinkLoad;
import io.foresplit.runtime.plan.SplitPlan.TierLoad;
import io.foresplit.runtime.plan.TierNetwork.Link;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The numbers of one planning problem, in seconds, and the price of any placement. For µ
 * micro-batches a placement costs {@code Σ load + Σ once + (µ − 1)·max load}, where loads are of
 * one micro-batch, one for each tier and one for each link; with µ = 1 that is the latency of
 * METHODS 2.1. Immutable.
 */
final class SplitCosts {
  final ModelGraph model;
  final TierNetwork network;
  final List<List<Integer>> consumers;
  final int layers;
  final int tiers;
  final int microBatches;

  /** Compute of one micro-batch, by tier and layer. */
  final double[][] compute;

  /** What is paid once a step: exchange of parameters and the share of a move. */
  final double[][] once;

  /** A layer's output over a link for one micro-batch and its gradient back, by link and layer. */
  final double[][] transfer;

  /** Bit k is set when the layer may be on tier k, by layer. */
  final int[] allowed;

  /** Seconds to move each layer from where it is, by tier and layer; without the fixed pause. */
  private final double[][] move;

  /** Tier of each layer now; empty without migration. */
  private final Optional<List<Integer>> current;

  private final double fixedSeconds;
  private final double horizonSteps;

  /**
   * @throws IllegalArgumentException when request and model do not fit
   */
  SplitCosts(ModelGraph model, List<List<Integer>> consumers, SplitRequest request) {
    this.model = model;
    this.network = request.network();
    this.consumers = consumers;
    layers = model.layers().size();
    tiers = network.tiers().size();
    microBatches = request.objective().microBatches();
    compute = new double[tiers][layers];
    once = new double[tiers][layers];
    transfer = new double[tiers - 1][layers];
    allowed = allowed(request);
    for (int v = 0; v < layers; v++) {
      Layer layer = model.layers().get(v);
      for (int k = 0; k < tiers; k++) {
        compute[k][v] = network.tiers().get(k).seconds(layer) / microBatches;
        if (k + 1 < tiers) {
          transfer[k][v] = crossing(layer.bytes(), network.links().get(k));
        }
      }
      if (request.exchangeBatches() > 0 && tiers > 1) {
        once[0][v] =
            bulk((double) layer.bytes().parameters(), 0, 1) / request.exchangeBatches()
                + bulk((double) layer.bytes().parameters(), 1, 0) / request.exchangeBatches();
      }
    }
    current = request.migration().map(this::present);
    move = new double[tiers][layers];
    fixedSeconds = request.migration().map(Migration::fixedSeconds).orElse(0.0);
    horizonSteps = request.migration().map(m -> (double) m.horizonSteps()).orElse(1.0);
    current.ifPresent(
        now -> {
          for (int v = 0; v < layers; v++) {
            for (int k = 0; k < tiers; k++) {
              move[k][v] = bulk(model.layers().get(v).bytes().state(), now.get(v), k);
              once[k][v] += move[k][v] / horizonSteps;
            }
          }
        });
  }

  private double crossing(LayerBytes bytes, Link link) {
    if (bytes.output() == 0 && bytes.gradient() == 0) {
      return 0;
    }
    return (bytes.output() / link.upBytesPerSecond() + bytes.gradient() / link.downBytesPerSecond())
            / microBatches
        + link.roundTripSeconds();
  }

  private double bulk(double bytes, int from, int to) {
    double seconds = 0;
    for (int j = Math.min(from, to); j < Math.max(from, to); j++) {
      Link link = network.links().get(j);
      seconds += bytes / (from < to ? link.upBytesPerSecond() : link.downBytesPerSecond());
    }
    return seconds;
  }

  private int[] allowed(SplitRequest request) {
    int everywhere = (1 << tiers) - 1;
    int labels = request.labelTiers().isEmpty() ? everywhere : mask(request.labelTiers());
    int[] masks = new int[layers];
    for (int v = 0; v < layers; v++) {
      Layer layer = model.layers().get(v);
      masks[v] = everywhere;
      if (layer.readsInput()) {
        masks[v] &= 1;
      }
      if (layer.readsLabels()) {
        masks[v] &= labels;
      }
    }
    for (Map.Entry<String, Set<String>> pin : request.pins().entrySet()) {
      masks[index(pin.getKey())] = mask(pin.getValue());
    }
    for (int v = 0; v < layers; v++) {
      if (masks[v] == 0) {
        throw new IllegalArgumentException(
            "layer "
                + model.layers().get(v).name()
                + " reads raw data, which is on "
                + network.tierNames().get(0)
                + ", and labels, which are on "
                + names(labels)
                + ": it needs both on one tier, or a pin");
      }
    }
    return masks;
  }

  private int index(String layer) {
    return model
        .indexOf(layer)
        .orElseThrow(
            () -> new IllegalArgumentException("model " + model.name() + " has no layer " + layer));
  }

  private int mask(Set<String> names) {
    int mask = 0;
    for (String name : names) {
      mask |= 1 << tier(name);
    }
    if (mask == 0) {
      throw new IllegalArgumentException("a pin must name at least one tier");
    }
    return mask;
  }

  private int tier(String name) {
    int tier = network.tierNames().indexOf(name);
    if (tier < 0) {
      throw new IllegalArgumentException(
          "no tier " + name + ", the network has " + network.tierNames());
    }
    return tier;
  }

  private List<Integer> present(Migration migration) {
    List<Integer> now = new ArrayList<>();
    for (Layer layer : model.layers()) {
      String name = migration.tierOfLayer().get(layer.name());
      if (name == null) {
        throw new IllegalArgumentException(
            "the present placement does not tell the tier of layer " + layer.name());
      }
      now.add(tier(name));
    }
    return List.copyOf(now);
  }

  /**
   * Puts every layer as near to the data owner as pins and edges let it.
   *
   * @throws IllegalArgumentException when no placement keeps them, naming a layer without a place
   */
  void requirePlace() {
    int[] tier = new int[layers];
    for (int v = 0; v < layers; v++) {
      int near = 0;
      int cause = -1;
      for (int input : model.layers().get(v).inputs()) {
        if (tier[input] > near) {
          near = tier[input];
          cause = input;
        }
      }
      int rest = (allowed[v] >>> near) << near;
      if (rest == 0) {
        throw new IllegalArgumentException(
            "no placement keeps all rules: layer "
                + model.layers().get(v).name()
                + " must be on "
                + names(allowed[v])
                + (cause < 0
                    ? ""
                    : ", but takes the output of layer "
                        + model.layers().get(cause).name()
                        + ", which must be on "
                        + network.tierNames().get(near)
                        + " or farther; change the pins"));
      }
      tier[v] = Integer.numberOfTrailingZeros(rest);
    }
  }

  private List<String> names(int mask) {
    List<String> names = new ArrayList<>();
    for (int k = 0; k < tiers; k++) {
      if (((mask >> k) & 1) != 0) {
        names.add(network.tierNames().get(k));
      }
    }
    return names;
  }

  /** Whether a placement keeps pins and edges; memory is not looked at. */
  boolean keepsRules(int[] tier) {
    for (int v = 0; v < layers; v++) {
      if (((allowed[v] >> tier[v]) & 1) == 0) {
        return false;
      }
      for (int input : model.layers().get(v).inputs()) {
        if (tier[input] > tier[v]) {
          return false;
        }
      }
    }
    return true;
  }

  double memory(int layer) {
    return model.layers().get(layer).bytes().memory();
  }

  double memoryLimit(int tier) {
    return network.tiers().get(tier).memoryBytes();
  }

  /** Bytes in use on each tier. */
  double[] memoryOf(int[] tier) {
    double[] used = new double[tiers];
    for (int v = 0; v < layers; v++) {
      used[tier[v]] += memory(v);
    }
    return used;
  }

  boolean fitsMemory(int[] tier) {
    double[] used = memoryOf(tier);
    for (int k = 0; k < tiers; k++) {
      if (used[k] > memoryLimit(k)) {
        return false;
      }
    }
    return true;
  }

  /** The last tier that takes a layer's output, or the layer's own. */
  private int farthestConsumer(int layer, int[] tier) {
    int farthest = tier[layer];
    for (int consumer : consumers.get(layer)) {
      farthest = Math.max(farthest, tier[consumer]);
    }
    return farthest;
  }

  /** Loads of one micro-batch: each tier's, then each link's. */
  double[] loads(int[] tier) {
    double[] loads = new double[2 * tiers - 1];
    for (int v = 0; v < layers; v++) {
      loads[tier[v]] += compute[tier[v]][v];
      int farthest = farthestConsumer(v, tier);
      for (int j = tier[v]; j < farthest; j++) {
        loads[tiers + j] += transfer[j][v];
      }
    }
    return loads;
  }

  /** The objective of a placement without the fixed pause of a move. */
  double price(int[] tier) {
    double[] loads = loads(tier);
    double seconds = 0;
    for (int v = 0; v < layers; v++) {
      seconds += once[tier[v]][v];
    }
    return seconds + pipelined(loads);
  }

  private double pipelined(double[] loads) {
    return Arrays.stream(loads).sum()
        + (microBatches - 1) * Arrays.stream(loads).max().orElseThrow();
  }

  /** The present placement, when it keeps the rules and fits. */
  Optional<int[]> stay() {
    return current
        .map(now -> now.stream().mapToInt(Integer::intValue).toArray())
        .filter(now -> keepsRules(now) && fitsMemory(now));
  }

  /** The fixed pause a placement costs, spread over the horizon. */
  double fixedShare(int[] tier) {
    return moves(tier) ? leastFixedShare() : 0;
  }

  /** What any move costs at least, spread over the horizon. */
  double leastFixedShare() {
    return fixedSeconds / horizonSteps;
  }

  private boolean moves(int[] tier) {
    return current.isPresent() && !current.get().equals(Arrays.stream(tier).boxed().toList());
  }

  /** A placement along the order of layers with its full price. */
  CutOption option(int[] tier) {
    int[] count = new int[tiers];
    Arrays.stream(tier).forEach(k -> count[k]++);
    List<Double> seconds = Arrays.stream(loads(tier)).map(l -> l * microBatches).boxed().toList();
    return new CutOption(
        Arrays.stream(count).boxed().toList(),
        seconds.subList(0, tiers),
        seconds.subList(tiers, seconds.size()),
        price(tier) + fixedShare(tier));
  }

  /** A placement with its full price. */
  SplitPlan plan(int[] tier, double boundSeconds) {
    double[] loads = loads(tier);
    double[] memory = memoryOf(tier);
    int[] count = new int[tiers];
    int[] tensors = new int[tiers];
    double[] up = new double[tiers];
    double[] down = new double[tiers];
    double moveSeconds = moves(tier) ? fixedSeconds : 0;
    double exchange = 0;
    for (int v = 0; v < layers; v++) {
      LayerBytes bytes = model.layers().get(v).bytes();
      count[tier[v]]++;
      moveSeconds += move[tier[v]][v];
      exchange += once[tier[v]][v] - move[tier[v]][v] / horizonSteps;
      int farthest = farthestConsumer(v, tier);
      for (int j = tier[v]; j < farthest; j++) {
        tensors[j]++;
        up[j] += bytes.output();
        down[j] += bytes.gradient();
      }
    }
    List<TierLoad> tierLoads = new ArrayList<>();
    List<LinkLoad> linkLoads = new ArrayList<>();
    for (int k = 0; k < tiers; k++) {
      tierLoads.add(new TierLoad(count[k], loads[k] * microBatches, memory[k]));
      if (k + 1 < tiers) {
        linkLoads.add(new LinkLoad(tensors[k], up[k], down[k], loads[tiers + k] * microBatches));
      }
    }
    return new SplitPlan(
        Arrays.stream(tier).boxed().toList(),
        pipelined(loads) + Math.max(0, exchange),
        price(tier) + fixedShare(tier),
        boundSeconds,
        tierLoads,
        linkLoads,
        moveSeconds);
  }
}
