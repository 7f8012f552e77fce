package io.foresplit.bench.peer;

import io.foresplit.bench.data.ChainModel;
import io.foresplit.bench.data.StepTime;
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

  /**
   * Tries every cut.
   *
   * @param tiers of all networks
   */
  record BruteForce(int tiers) implements SplitPlanner {
    @Override
    public String label() {
      return "brute-force";
    }

    @Override
    public ForModel prepare(ChainModel model) {
      List<List<Integer>> cuts = of(model, tiers);
      StepTime time = new StepTime(model.blocks());
      return network ->
          model.expand(
              cuts.stream()
                  .min(Comparator.comparingDouble(cut -> time.seconds(network, cut)))
                  .orElseThrow());
    }
  }
}
