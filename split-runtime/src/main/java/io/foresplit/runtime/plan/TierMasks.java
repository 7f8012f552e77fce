package io.foresplit.runtime.plan;

import java.util.List;
import java.util.Optional;

/**
 * Where each layer may be, as bits, narrowed by what that means for its neighbours: no layer is
 * nearer than one whose output it takes. Pure.
 */
final class TierMasks {
  private TierMasks() {}

  /** The masks without tiers that no placement can use; empty when a layer has none left. */
  static Optional<int[]> narrowed(int[] masks, ModelGraph model, List<List<Integer>> consumers) {
    int[] narrow = masks.clone();
    for (int v = 0; v < narrow.length; v++) {
      for (int input : model.layers().get(v).inputs()) {
        narrow[v] &= -Integer.lowestOneBit(narrow[input]);
      }
      if (narrow[v] == 0) {
        return Optional.empty();
      }
    }
    for (int v = narrow.length - 1; v >= 0; v--) {
      for (int consumer : consumers.get(v)) {
        narrow[v] &= 2 * Integer.highestOneBit(narrow[consumer]) - 1;
      }
      if (narrow[v] == 0) {
        return Optional.empty();
      }
    }
    return Optional.of(narrow);
  }

  /** The nearest placement that narrowed masks allow. */
  static int[] nearest(int[] narrowed) {
    int[] tier = new int[narrowed.length];
    for (int v = 0; v < tier.length; v++) {
      tier[v] = Integer.numberOfTrailingZeros(narrowed[v]);
    }
    return tier;
  }

  static boolean decided(int mask) {
    return Integer.bitCount(mask) == 1;
  }
}
