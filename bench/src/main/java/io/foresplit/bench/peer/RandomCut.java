package io.foresplit.bench.peer;

import io.foresplit.bench.data.ChainModel;
import java.util.List;
import java.util.SplittableRandom;

/** Any cut of the chain over three tiers, all equally likely. Not thread-safe. */
public final class RandomCut implements SplitPlanner {
  private final SplittableRandom random;

  public RandomCut(long seed) {
    random = new SplittableRandom(seed);
  }

  @Override
  public String label() {
    return "random";
  }

  @Override
  public ForModel prepare(ChainModel model) {
    SplittableRandom own = random.split();
    List<List<Integer>> cuts = ChainCuts.of(model, PlanningComparison.TIERS);
    return network -> model.expand(cuts.get(own.nextInt(cuts.size())));
  }
}
