package io.foresplit.runtime.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.foresplit.runtime.plan.SplitObjective.Pipelined;
import java.util.List;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** The planner against every placement of random models, each priced by a second, plainer model. */
class DagCutPlannerPropertyTest {
  private static final double SAME = 1e-9;

  @Property(tries = 2000, seed = "30")
  void twoTiers(@ForAll long seed) {
    RandomSplits splits = new RandomSplits(seed);
    ModelGraph model = splits.dag(splits.upTo(9));
    exact(model, SplitRequest.of(splits.network(2)));
  }

  @Property(tries = 1500, seed = "31")
  void moreTiers(@ForAll long seed) {
    RandomSplits splits = new RandomSplits(seed);
    ModelGraph model = splits.dag(splits.upTo(6));
    exact(model, SplitRequest.of(splits.network(3)));
    ModelGraph small = splits.dag(splits.upTo(4));
    exact(small, SplitRequest.of(splits.network(4)));
  }

  @Property(tries = 1500, seed = "32")
  void pinsAndMeasuredSeconds(@ForAll long seed) {
    RandomSplits splits = new RandomSplits(seed);
    ModelGraph model = splits.dag(splits.upTo(6));
    TierNetwork network = splits.measured(splits.network(splits.upTo(3)), model);
    exact(model, splits.pinned(SplitRequest.of(network), model).withExchangeEvery(7));
  }

  @Property(tries = 3000, seed = "33")
  void contractionNeverChangesTheOptimum(@ForAll long seed) {
    RandomSplits splits = new RandomSplits(seed);
    ModelGraph model = splits.blocks(splits.upTo(3));
    while (model.layers().size() > 9) {
      model = splits.blocks(splits.upTo(3));
    }
    int tiers = model.layers().size() > 6 ? 2 : 1 + splits.upTo(3);
    SplitRequest request = SplitRequest.of(splits.network(tiers));
    if (splits.upTo(3) == 1) {
      request = splits.pinned(request, model).withExchangeEvery(splits.upTo(9));
    }
    if (splits.upTo(3) == 1) {
      request = request.withMigration(splits.migration(model, request.network()));
    }
    exact(DagCutPlanner.of(model), model, request);
  }

  @Example
  void someLayersFormBlocksAndSomeDoNot() {
    double layers = 0;
    double members = 0;
    for (long seed = 0; seed < 1000; seed++) {
      ModelGraph model = new RandomSplits(seed).blocks(3);
      layers += model.layers().size();
      for (List<Integer> block :
          new LayerBlocks(model, model.consumers(), new MinimumCut()).blocks()) {
        members += block.size();
      }
    }
    assertThat(members / layers).as("share of layers in blocks").isBetween(0.2, 0.9);
  }

  @Property(tries = 1000, seed = "34")
  void movesThatMustPay(@ForAll long seed) {
    RandomSplits splits = new RandomSplits(seed);
    ModelGraph model = splits.dag(splits.upTo(7));
    TierNetwork network = splits.network(1 + splits.upTo(2));
    exact(model, SplitRequest.of(network).withMigration(splits.migration(model, network)));
  }

  @Property(tries = 1000, seed = "35")
  void memoryLimits(@ForAll long seed) {
    RandomSplits splits = new RandomSplits(seed);
    ModelGraph model = splits.dag(splits.upTo(7));
    TierNetwork network = splits.limited(splits.network(1 + splits.upTo(2)), model);
    SplitRequest request = splits.pinned(SplitRequest.of(network), model);
    exact(model, request);
    exact(model, request.withMigration(splits.migration(model, network)));
  }

  @Property(tries = 1000, seed = "36")
  void pipelinedChains(@ForAll long seed) {
    RandomSplits splits = new RandomSplits(seed);
    ModelGraph model = splits.chain(splits.upTo(7));
    TierNetwork network = splits.network(1 + splits.upTo(3));
    SplitRequest request = SplitRequest.of(network).withObjective(new Pipelined(splits.upTo(12)));
    exact(model, request);
    exact(model, request.withMigration(splits.migration(model, network)));
    TierNetwork limited = splits.limited(network, model);
    exact(model, SplitRequest.of(limited).withObjective(new Pipelined(splits.upTo(12))));
  }

  @Property(tries = 500, seed = "37")
  void pipelinedGraphs(@ForAll long seed) {
    RandomSplits splits = new RandomSplits(seed);
    ModelGraph model = splits.dag(splits.upTo(6));
    TierNetwork network = splits.limited(splits.network(1 + splits.upTo(2)), model);
    exact(model, SplitRequest.of(network).withObjective(new Pipelined(splits.upTo(12))));
  }

  @Property(tries = 500, seed = "38")
  void theCutsOfAChainHaveTheirPrices(@ForAll long seed) {
    RandomSplits splits = new RandomSplits(seed);
    ModelGraph model = splits.chain(splits.upTo(6));
    SplitRequest request =
        SplitRequest.of(splits.network(3))
            .withObjective(new Pipelined(splits.upTo(4)))
            .withExchangeEvery(splits.upTo(3));
    if (splits.upTo(2) == 1) {
      request = request.withMigration(splits.migration(model, request.network()));
    }
    cutsAreLeast(model, request);
  }

  /** Each row of the table is the least that its number of near layers allows. */
  private static void cutsAreLeast(ModelGraph model, SplitRequest request) {
    for (CutOption cut : DagCutPlanner.of(model).cuts(request)) {
      double[] least = {Double.POSITIVE_INFINITY};
      RandomSplits.everyPlacement(
          model.layers().size(),
          3,
          tier -> {
            if (near(tier) == cut.nearLayers()) {
              least[0] = Math.min(least[0], RandomSplits.price(model, request, tier));
            }
          });
      assertThat(cut.objectiveSeconds()).isCloseTo(least[0], within(SAME * least[0]));
    }
  }

  private static int near(int[] tier) {
    int near = 0;
    for (int k : tier) {
      near += k == 0 ? 1 : 0;
    }
    return near;
  }

  /** The found plan is the best of all, says so, and tells its own price right. */
  private static void exact(ModelGraph model, SplitRequest request) {
    exact(new DagCutPlanner(model, new MinimumCut(), false, 20_000), model, request);
  }

  private static void exact(DagCutPlanner planner, ModelGraph model, SplitRequest request) {
    double[] least = {Double.POSITIVE_INFINITY};
    RandomSplits.everyPlacement(
        model.layers().size(),
        request.network().tiers().size(),
        tier -> least[0] = Math.min(least[0], RandomSplits.price(model, request, tier)));
    if (Double.isInfinite(least[0])) {
      assertThatIllegalArgumentException().isThrownBy(() -> planner.plan(request));
      return;
    }
    SplitPlan plan = planner.plan(request);
    double priced = RandomSplits.price(model, request, array(plan.tierOfLayer()));
    assertThat(plan.objectiveSeconds()).isCloseTo(priced, within(SAME * priced));
    assertThat(priced).isCloseTo(least[0], within(SAME * least[0]));
    assertThat(plan.optimal()).isTrue();
    assertThat(plan.boundSeconds()).isLessThanOrEqualTo(least[0] * (1 + SAME));
  }

  private static int[] array(List<Integer> tiers) {
    return tiers.stream().mapToInt(Integer::intValue).toArray();
  }
}
