package io.foresplit.runtime.plan;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Best split of a model's graph over tiers: an exact minimum s-t cut for the latency of a step,
 * dynamic programming where layers form a chain, and branch and bound over cuts for memory limits
 * and pipelining on other graphs. For the cut, blocks of layers are one vertex where that is proven
 * to lose nothing ({@link LayerBlocks}). They depend on the model alone and are found once, here,
 * which takes some hundred small cuts; plans are then pure functions of their request. Immutable
 * and thread-safe.
 */
public final class DagCutPlanner {
  /** Keeps the branch and bound to about a second for a few hundred layers. */
  public static final int DEFAULT_MAX_CUTS = 600;

  private final ModelGraph model;
  private final List<List<Integer>> consumers;
  private final MinimumCut solver;
  private final int maxCuts;
  private final Optional<LayerBlocks> blocks;

  DagCutPlanner(ModelGraph model, MinimumCut solver, boolean contracting, int maxCuts) {
    this.model = model;
    this.solver = solver;
    this.maxCuts = maxCuts;
    consumers = model.consumers().stream().map(List::copyOf).toList();
    blocks =
        contracting ? Optional.of(new LayerBlocks(model, consumers, solver)) : Optional.empty();
  }

  /**
   * A planner for any number of plans of a model. Of placements that cost the same it finds one
   * with a block together, which can have more layers far from the data owner than another has.
   */
  public static DagCutPlanner of(ModelGraph model) {
    return new DagCutPlanner(model, new MinimumCut(), true, DEFAULT_MAX_CUTS);
  }

  /** A planner that takes each layer for itself; plans cost the same as those of {@link #of}. */
  static DagCutPlanner whole(ModelGraph model) {
    return new DagCutPlanner(model, new MinimumCut(), false, DEFAULT_MAX_CUTS);
  }

  /**
   * The best placement. {@link SplitPlan#optimal} tells whether that is proven, which it always is
   * for latency without memory limits and for chains.
   *
   * @throws IllegalArgumentException in one line, when request and model do not fit, no placement
   *     keeps the rules, or none was found that fits the memory
   */
  public SplitPlan plan(SplitRequest request) {
    SplitCosts costs = costs(request);
    costs.requirePlace();
    if (costs.microBatches == 1) {
      int[] tier = minimumCut(costs);
      if (costs.fitsMemory(tier)) {
        return settled(costs, tier, costs.price(tier));
      }
    }
    LayerOrder order = new LayerOrder(costs);
    if (model.ordered()) {
      int[] tier = order.best().orElseThrow(() -> tooLarge(request));
      return settled(costs, tier, costs.price(tier));
    }
    BoundedSearch search = new BoundedSearch(costs, solver, maxCuts);
    order.best().ifPresent(search::offer);
    costs.stay().ifPresent(search::offer);
    BoundedSearch.Outcome outcome = search.run();
    int[] tier = outcome.tierOfLayer().orElseThrow(() -> tooLarge(request));
    return settled(costs, tier, outcome.boundSeconds());
  }

  /**
   * For each number of layers that can stay on the first tier, the best placement along the order
   * of layers; of two tiers these are the cuts between neighbours.
   */
  public List<CutOption> cuts(SplitRequest request) {
    SplitCosts costs = costs(request);
    costs.requirePlace();
    List<CutOption> moving = new LayerOrder(costs).cuts();
    Optional<CutOption> present =
        costs.stay().filter(DagCutPlanner::alongLayers).map(costs::option);
    return moving.stream()
        .map(
            cut ->
                present
                    .filter(stay -> stay.nearLayers() == cut.nearLayers())
                    .filter(stay -> stay.objectiveSeconds() < cut.objectiveSeconds())
                    .orElse(cut))
        .toList();
  }

  private static boolean alongLayers(int[] tier) {
    return IntStream.range(1, tier.length).allMatch(v -> tier[v - 1] <= tier[v]);
  }

  /** The present placement with its price, when there is one that keeps the rules and fits. */
  public Optional<SplitPlan> staying(SplitRequest request) {
    SplitCosts costs = costs(request);
    return costs.stay().map(tier -> costs.plan(tier, 0));
  }

  private SplitCosts costs(SplitRequest request) {
    return new SplitCosts(model, consumers, request);
  }

  private int[] minimumCut(SplitCosts costs) {
    double[][] unary = new double[costs.tiers][costs.layers];
    for (int k = 0; k < costs.tiers; k++) {
      for (int v = 0; v < costs.layers; v++) {
        unary[k][v] = costs.compute[k][v] + costs.once[k][v];
      }
    }
    MinimumCut.Problem whole =
        new MinimumCut.Problem(unary, costs.transfer, costs.allowed, consumers);
    if (blocks.isEmpty()) {
      return solver.solve(whole);
    }
    LayerBlocks.Contracted small = blocks.get().contract(whole);
    return small.expand(solver.solve(small.problem()));
  }

  /** A move also has a fixed pause, so staying may be better than the best move. */
  private static SplitPlan settled(SplitCosts costs, int[] tier, double bound) {
    Optional<int[]> stay = costs.stay();
    double moving = costs.price(tier) + costs.fixedShare(tier);
    double staying = stay.map(costs::price).orElse(Double.POSITIVE_INFINITY);
    int[] chosen = staying <= moving ? stay.orElseThrow() : tier;
    return costs.plan(chosen, Math.min(staying, bound + costs.leastFixedShare()));
  }

  private IllegalArgumentException tooLarge(SplitRequest request) {
    double needed = model.layers().stream().mapToDouble(l -> l.bytes().memory()).sum();
    return new IllegalArgumentException(
        String.format(
            Locale.ROOT,
            "no placement found that fits the memory of the tiers: training all of %s needs"
                + " %.3e bytes, tiers have %s; raise memory, or use a smaller batch",
            model.name(),
            needed,
            request.network().tiers().stream()
                .map(t -> t.name() + " " + t.memoryBytes())
                .toList()));
  }
}
