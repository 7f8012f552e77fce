package io.foresplit.bench.peer;

import io.foresplit.bench.data.ChainModel;
import io.foresplit.runtime.plan.TierNetwork;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Every placement of a chain's blocks whose tiers never fall: its cuts, all of them. */
final class ChainCuts {
  private ChainCuts() {}

  /** Tiers by block; blocks that cannot leave the data owner are on tier 0. */
  static List<List<Integer>> of(ChainModel model, int tiers) {
    List<List<Integer>> cuts = new ArrayList<>();
    extend(new ArrayList<>(), model, tiers, cuts);
    return cuts;
  }

  private static void extend(
      List<Integer> begun, ChainModel model, int tiers, List<List<Integer>> cuts) {
    if (begun.size() == model.blocks().layers().size()) {
      cuts.add(List.copyOf(begun));
      return;
    }
    boolean owner = begun.size() < model.ownerBlocks();
    int nearest = begun.isEmpty() ? 0 : begun.get(begun.size() - 1);
    for (int tier = nearest; tier < (owner ? 1 : tiers); tier++) {
      begun.add(tier);
      extend(begun, model, tiers, cuts);
      begun.remove(begun.size() - 1);
    }
  }

  /** Tries every cut. */
  static final class BruteForce implements SplitPlanner {
    @Override
    public String label() {
      return "brute-force";
    }

    @Override
    public ForModel prepare(ChainModel model) {
      return network ->
          model.expand(
              of(model, network.tiers().size()).stream()
                  .min(Comparator.comparingDouble(cut -> price(model, network, cut)))
                  .orElseThrow());
    }

    private static double price(ChainModel model, TierNetwork network, List<Integer> cut) {
      return ChainModel.stepSeconds(model.blocks(), network, cut);
    }
  }
}
