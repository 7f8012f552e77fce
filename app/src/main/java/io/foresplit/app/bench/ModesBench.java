package io.foresplit.app.bench;

import io.foresplit.contract.TrainingScheme.Mode;
import io.foresplit.contract.TrainingScheme.Sharding;
import io.foresplit.runtime.data.Dataset;
import io.foresplit.runtime.data.Shards;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * Trains in each mode from scratch and judges by data not trained on. All modes see as many samples
 * and no more of each client.
 *
 * @param clients at least two
 * @param steps in which all clients take part; one client at a time has as many for each client
 * @param heldOutSamples that judge, at most
 */
record ModesBench(
    Dataset training,
    Dataset test,
    int clients,
    int steps,
    int heldOutSamples,
    LongSupplier nanoTime) {
  /** Samples of a client in a step. */
  static final int BATCH = 32;

  /**
   * Trains once.
   *
   * @param mode {@link Mode#CHAIN} is one client with the data of all and batches as large as those
   *     of all together
   * @param seed of weights, shards and order
   * @return share of the test samples told right
   */
  double accuracy(Mode mode, Sharding sharding, long seed) {
    int batch = mode == Mode.CHAIN ? BATCH * clients : BATCH;
    try (LocalClients all =
        new LocalClients(mode, training, shards(mode, sharding, seed), batch, seed, nanoTime)) {
      int rounds = mode == Mode.SEQUENTIAL ? steps * clients : steps;
      for (int step = 0; step < rounds; step++) {
        all.step(step);
      }
      return all.accuracy(test, heldOutSamples);
    }
  }

  private List<int[]> shards(Mode mode, Sharding sharding, long seed) {
    if (mode == Mode.CHAIN) {
      return List.of(Shards.whole(training));
    }
    return switch (sharding) {
      case IID -> Shards.iid(training, clients, seed);
      case BY_LABEL -> Shards.byLabel(training, clients);
    };
  }
}
