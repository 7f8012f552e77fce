package io.foresplit.bench.peer;

import io.foresplit.bench.data.ChainModel;
import io.foresplit.runtime.plan.TierNetwork;
import java.util.List;

/** A method that decides which layer runs on which tier. Stateless. */
public interface SplitPlanner {
  /** For tables and files. */
  String label();

  /** What can be prepared before a network is known. */
  ForModel prepare(ChainModel model);

  /** Plans of one model. */
  @FunctionalInterface
  interface ForModel {
    /** Index of the tier, by layer of {@link ChainModel#graph}. */
    List<Integer> tierOfLayer(TierNetwork network);
  }
}
