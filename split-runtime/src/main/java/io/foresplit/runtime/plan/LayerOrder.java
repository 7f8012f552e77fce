package io.foresplit.runtime.plan;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Placements that cut the layers in the order of the model: tier k holds the layers between two cut
 * positions. On a model whose neighbours are connected these are all placements there are, so the
 * best of them is the optimum, with memory limits and under both objectives.
 *
 * <p>Dynamic programming from the last tier to the first. A suffix of the layers on the last tiers
 * has two numbers that matter before it: its sum and its largest load; those that are beaten in
 * both are dropped (after the threshold search of arXiv 2505.04368, which it replaces). Layers² ×
 * tiers times the suffixes kept, of which latency needs one. Not thread-safe.
 */
final class LayerOrder {
  private final SplitCosts costs;
  private final int n;

  /** Prefix sums by tier; the forbidden count tells where a run of layers is not allowed. */
  private final double[][] compute;

  private final double[][] once;
  private final int[][] forbidden;
  private final double[] memory;

  /** What crosses link j when it is cut before layer i, by j and i. */
  private final double[][] crossing;

  /**
   * Layers from some layer on, on tiers from some tier on.
   *
   * @param sum of loads and of what is paid once
   * @param max largest load
   * @param end first layer that is on a farther tier
   */
  private record Suffix(double sum, double max, int end, Optional<Suffix> rest) {}

  LayerOrder(SplitCosts costs) {
    this.costs = costs;
    n = costs.layers;
    compute = new double[costs.tiers][n + 1];
    once = new double[costs.tiers][n + 1];
    forbidden = new int[costs.tiers][n + 1];
    crossing = new double[costs.tiers - 1][n + 1];
    memory = new double[n + 1];
    for (int v = 0; v < n; v++) {
      memory[v + 1] = memory[v] + costs.memory(v);
      for (int k = 0; k < costs.tiers; k++) {
        compute[k][v + 1] = compute[k][v] + costs.compute[k][v];
        once[k][v + 1] = once[k][v] + costs.once[k][v];
        forbidden[k][v + 1] = forbidden[k][v] + (1 - ((costs.allowed[v] >> k) & 1));
      }
      int last = v;
      for (int consumer : costs.consumers.get(v)) {
        last = Math.max(last, consumer);
      }
      for (int j = 0; j + 1 < costs.tiers; j++) {
        for (int i = v + 1; i <= last; i++) {
          crossing[j][i] += costs.transfer[j][v];
        }
      }
    }
  }

  /** One cut for each number of layers on the first tier that is possible, in that order. */
  List<CutOption> cuts() {
    int last = costs.tiers - 1;
    List<List<Suffix>> reached = new ArrayList<>();
    for (int i = 0; i <= n; i++) {
      reached.add(
          fits(last, i, n)
              ? List.of(
                  new Suffix(
                      load(last, i, n) + once(last, i, n), load(last, i, n), n, Optional.empty()))
              : List.of());
    }
    for (int k = last - 1; k > 0; k--) {
      List<List<Suffix>> next = new ArrayList<>();
      for (int i = 0; i <= n; i++) {
        List<Suffix> candidates = new ArrayList<>();
        for (int end = n; end >= i; end--) {
          extend(k, i, end, reached.get(end), candidates);
        }
        next.add(undominated(candidates));
      }
      reached = next;
    }
    List<CutOption> cuts = new ArrayList<>();
    for (int end = 0; end <= n; end++) {
      List<Suffix> candidates = new ArrayList<>();
      if (last == 0) {
        candidates.addAll(end == n ? reached.get(0) : List.of());
      } else {
        extend(0, 0, end, reached.get(end), candidates);
      }
      candidates.stream()
          .min(Comparator.comparingDouble(this::objective))
          .ifPresent(best -> cuts.add(option(best)));
    }
    return cuts;
  }

  /**
   * The cheapest but for the fixed pause of a move, with most layers near between equals; empty
   * when no cut keeps the rules and fits.
   */
  Optional<int[]> best() {
    Optional<int[]> best = Optional.empty();
    double least = Double.POSITIVE_INFINITY;
    for (CutOption cut : cuts()) {
      int[] tier = cut.tierOfLayer().stream().mapToInt(Integer::intValue).toArray();
      double price = costs.price(tier);
      if (price <= least) {
        least = price;
        best = Optional.of(tier);
      }
    }
    return best;
  }

  private void extend(int tier, int begin, int end, List<Suffix> rests, List<Suffix> candidates) {
    if (rests.isEmpty() || !fits(tier, begin, end)) {
      return;
    }
    double stage = load(tier, begin, end);
    double link = crossing[tier][end];
    for (Suffix rest : rests) {
      candidates.add(
          new Suffix(
              stage + once(tier, begin, end) + link + rest.sum(),
              Math.max(Math.max(stage, link), rest.max()),
              end,
              Optional.of(rest)));
    }
  }

  private List<Suffix> undominated(List<Suffix> candidates) {
    if (costs.microBatches == 1) {
      return candidates.stream().min(Comparator.comparingDouble(Suffix::sum)).stream().toList();
    }
    candidates.sort(Comparator.comparingDouble(Suffix::sum).thenComparingDouble(Suffix::max));
    List<Suffix> kept = new ArrayList<>();
    double least = Double.POSITIVE_INFINITY;
    for (Suffix candidate : candidates) {
      if (candidate.max() < least) {
        kept.add(candidate);
        least = candidate.max();
      }
    }
    return List.copyOf(kept);
  }

  private double objective(Suffix whole) {
    return whole.sum() + (costs.microBatches - 1) * whole.max();
  }

  private CutOption option(Suffix whole) {
    int[] tier = new int[n];
    int begin = 0;
    Optional<Suffix> suffix = Optional.of(whole);
    for (int k = 0; suffix.isPresent(); k++) {
      Arrays.fill(tier, begin, suffix.get().end(), k);
      begin = suffix.get().end();
      suffix = suffix.get().rest();
    }
    return costs.option(tier);
  }

  private boolean fits(int tier, int begin, int end) {
    return forbidden[tier][begin] == forbidden[tier][end]
        && memory[end] - memory[begin] <= costs.memoryLimit(tier);
  }

  private double load(int tier, int begin, int end) {
    return Math.max(0, compute[tier][end] - compute[tier][begin]);
  }

  private double once(int tier, int begin, int end) {
    return Math.max(0, once[tier][end] - once[tier][begin]);
  }
}
