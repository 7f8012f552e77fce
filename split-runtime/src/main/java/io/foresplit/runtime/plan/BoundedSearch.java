package io.foresplit.runtime.plan;

import java.util.Arrays;
import java.util.Comparator;
import java.util.Optional;
import java.util.PriorityQueue;

/**
 * Placements under memory limits and the pipelined objective, which no single minimum cut can
 * express [derived].
 *
 * <p>Both are relaxed into capacities. A price λ on the memory of each limited tier makes a cut
 * whose value less Σ λ is a lower bound (METHODS 2.4c). For µ micro-batches the largest load is at
 * least any weighted mean of all loads, so with weights w that sum to 1, scaling each load by
 * {@code 1 + (µ − 1)·w} makes a cut that is a lower bound too. Prices and weights climb by
 * subgradients; every cut met on the way is a candidate. What gap remains is closed by branching on
 * the tier of one layer, best bound first. The search ends with the optimum proven, or after a
 * number of cuts with what it has and the bound proven so far. Used once; not thread-safe.
 */
final class BoundedSearch {
  private static final int ROOT_ROUNDS = 60;
  private static final int ROUNDS = 8;
  private static final double EXACT = 1e-10;

  private final SplitCosts costs;
  private final MinimumCut solver;
  private int cutsLeft;
  private Optional<int[]> best = Optional.empty();
  private double bestPrice = Double.POSITIVE_INFINITY;

  /**
   * A part of the placements.
   *
   * @param masks narrowed
   * @param prices by tier, λ in seconds for a full memory
   * @param weights by tier and then link, w
   */
  @SuppressWarnings("ArrayRecordComponent") // internal, handed over and not changed
  private record Node(int[] masks, double[] prices, double[] weights, double bound) {}

  /** What was found, if anything, and the bound on all placements. */
  @SuppressWarnings("ArrayRecordComponent") // internal, handed over and not changed
  record Outcome(Optional<int[]> tierOfLayer, double boundSeconds) {}

  BoundedSearch(SplitCosts costs, MinimumCut solver, int maxCuts) {
    this.costs = costs;
    this.solver = solver;
    cutsLeft = maxCuts;
  }

  /** Takes a placement as the best so far, when it is one. */
  void offer(int[] tier) {
    double price = costs.price(tier);
    if (price < bestPrice && costs.fitsMemory(tier)) {
      best = Optional.of(tier);
      bestPrice = price;
    }
  }

  Outcome run() {
    PriorityQueue<Node> open = new PriorityQueue<>(Comparator.comparingDouble(Node::bound));
    double[] noPrices = new double[costs.tiers];
    double[] even = new double[2 * costs.tiers - 1];
    Arrays.fill(even, 1.0 / even.length);
    TierMasks.narrowed(costs.allowed, costs.model, costs.consumers)
        .ifPresent(masks -> open.add(new Node(masks, noPrices, even, 0)));
    int rounds = ROOT_ROUNDS;
    while (!open.isEmpty() && open.peek().bound() < bestPrice * (1 - EXACT) && cutsLeft > 0) {
      explore(open.remove(), rounds, open);
      rounds = ROUNDS;
    }
    double bound = open.isEmpty() ? bestPrice : Math.min(bestPrice, open.peek().bound());
    return new Outcome(best, bound);
  }

  /** Tightens the bound of a part and splits it. */
  private void explore(Node node, int rounds, PriorityQueue<Node> open) {
    if (overfull(node.masks())) {
      return;
    }
    double[] prices = node.prices().clone();
    double[] weights = node.weights().clone();
    Node tightest = node;
    int[] atTightest = TierMasks.nearest(node.masks());
    double step = 1;
    for (int round = 0; round < rounds && cutsLeft > 0; round++) {
      cutsLeft--;
      MinimumCut.Problem relaxed = relaxed(node.masks(), prices, weights);
      int[] tier = solver.solve(relaxed);
      offer(tier);
      double bound = relaxed.price(tier) - Arrays.stream(prices).sum();
      if (bound > tightest.bound() || round == 0) {
        tightest =
            new Node(
                node.masks(), prices.clone(), weights.clone(), Math.max(bound, tightest.bound()));
        atTightest = tier;
      } else {
        step *= 0.7;
      }
      if (tightest.bound() >= bestPrice * (1 - EXACT)
          || !climb(tier, bound, step, prices, weights)) {
        break;
      }
    }
    if (tightest.bound() >= bestPrice * (1 - EXACT)) {
      return;
    }
    int layer = branching(node.masks(), atTightest);
    if (layer < 0) {
      offer(TierMasks.nearest(node.masks()));
      return;
    }
    int here = 1 << atTightest[layer];
    for (int mask : new int[] {here, node.masks()[layer] & ~here}) {
      int[] masks = node.masks().clone();
      masks[layer] = mask;
      Node part = tightest;
      TierMasks.narrowed(masks, costs.model, costs.consumers)
          .ifPresent(m -> open.add(new Node(m, part.prices(), part.weights(), part.bound())));
    }
  }

  private MinimumCut.Problem relaxed(int[] masks, double[] prices, double[] weights) {
    double[][] unary = new double[costs.tiers][costs.layers];
    double[][] transfer = new double[costs.tiers - 1][costs.layers];
    for (int v = 0; v < costs.layers; v++) {
      for (int k = 0; k < costs.tiers; k++) {
        unary[k][v] = costs.compute[k][v] * scale(weights[k]) + costs.once[k][v];
        if (prices[k] > 0) {
          unary[k][v] += prices[k] * costs.memory(v) / costs.memoryLimit(k);
        }
        if (k + 1 < costs.tiers) {
          transfer[k][v] = costs.transfer[k][v] * scale(weights[costs.tiers + k]);
        }
      }
    }
    return new MinimumCut.Problem(unary, transfer, masks, costs.consumers);
  }

  private double scale(double weight) {
    return 1 + (costs.microBatches - 1) * weight;
  }

  /** One subgradient step of Polyak's length; false when there is nowhere to go. */
  private boolean climb(int[] tier, double bound, double step, double[] prices, double[] weights) {
    double[] memory = costs.memoryOf(tier);
    double[] loads = costs.loads(tier);
    double mean = Arrays.stream(loads).average().orElseThrow();
    double[] upPrices = new double[prices.length];
    double[] upWeights = new double[weights.length];
    double square = 0;
    for (int k = 0; k < prices.length; k++) {
      double over = memory[k] / costs.memoryLimit(k) - 1;
      upPrices[k] = prices[k] > 0 || over > 0 ? over : 0;
      square += upPrices[k] * upPrices[k];
    }
    for (int r = 0; r < weights.length && costs.microBatches > 1; r++) {
      upWeights[r] = (costs.microBatches - 1) * (loads[r] - mean);
      square += upWeights[r] * upWeights[r];
    }
    if (square == 0) {
      return false;
    }
    double target = Double.isInfinite(bestPrice) ? bound + Math.max(1e-3, bound) : bestPrice;
    double length = step * Math.max(0, target - bound) / square;
    for (int k = 0; k < prices.length; k++) {
      prices[k] = Math.max(0, prices[k] + length * upPrices[k]);
    }
    for (int r = 0; r < weights.length; r++) {
      weights[r] += length * upWeights[r];
    }
    project(weights);
    return length > 0;
  }

  /** Nearest point with entries of at least 0 that sum to 1. */
  private static void project(double[] weights) {
    double[] falling = Arrays.stream(weights).map(w -> -w).sorted().map(w -> -w).toArray();
    double sum = 0;
    double shift = 0;
    for (int i = 0; i < falling.length; i++) {
      sum += falling[i];
      double candidate = (sum - 1) / (i + 1);
      if (falling[i] - candidate > 0) {
        shift = candidate;
      }
    }
    for (int i = 0; i < weights.length; i++) {
      weights[i] = Math.max(0, weights[i] - shift);
    }
  }

  /** Whether layers with only one tier left already exceed a memory. */
  private boolean overfull(int[] masks) {
    double[] used = new double[costs.tiers];
    for (int v = 0; v < masks.length; v++) {
      if (TierMasks.decided(masks[v])) {
        used[Integer.numberOfTrailingZeros(masks[v])] += costs.memory(v);
      }
    }
    for (int k = 0; k < costs.tiers; k++) {
      if (used[k] > costs.memoryLimit(k)) {
        return true;
      }
    }
    return false;
  }

  /**
   * The undecided layer that weighs most in what the placement lacks, or -1 when all are decided.
   */
  private int branching(int[] masks, int[] tier) {
    double[] memory = costs.memoryOf(tier);
    double[] loads = costs.loads(tier);
    double slowest = Arrays.stream(loads).max().orElseThrow();
    int chosen = -1;
    double most = -1;
    for (int v = 0; v < masks.length; v++) {
      if (TierMasks.decided(masks[v])) {
        continue;
      }
      int k = tier[v];
      double weight = 0;
      if (Double.isFinite(costs.memoryLimit(k))) {
        double share = costs.memory(v) / costs.memoryLimit(k);
        weight += memory[k] > costs.memoryLimit(k) ? 1e3 * share : share;
      }
      if (costs.microBatches > 1 && slowest > 0) {
        weight += costs.compute[k][v] / slowest * (loads[k] == slowest ? 10 : 1);
        for (int j = k; j + 1 < costs.tiers; j++) {
          weight += costs.transfer[j][v] / slowest * (loads[costs.tiers + j] == slowest ? 10 : 0);
        }
      }
      if (weight > most) {
        most = weight;
        chosen = v;
      }
    }
    return chosen;
  }
}
