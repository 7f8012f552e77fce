package io.foresplit.runtime.data;

import java.util.SplittableRandom;

/** Which samples each step takes: a new seeded shuffle every pass over the data. Immutable. */
public final class BatchOrder {
  private final long seed;
  private final int datasetSize;
  private final int batchSize;

  public BatchOrder(long seed, int datasetSize, int batchSize) {
    if (batchSize < 1 || batchSize > datasetSize) {
      throw new IllegalArgumentException(
          "batchSize must be between 1 and the dataset's " + datasetSize + ", was " + batchSize);
    }
    this.seed = seed;
    this.datasetSize = datasetSize;
    this.batchSize = batchSize;
  }

  /** Indices of a step's batch; a function of seed and step alone. */
  public int[] indices(long step) {
    if (step < 0) {
      throw new IllegalArgumentException("step must be at least 0, was " + step);
    }
    long stepsPerPass = datasetSize / batchSize;
    int[] order = shuffled(step / stepsPerPass);
    int start = (int) (step % stepsPerPass) * batchSize;
    int[] batch = new int[batchSize];
    System.arraycopy(order, start, batch, 0, batchSize);
    return batch;
  }

  private int[] shuffled(long pass) {
    SplittableRandom random = new SplittableRandom(seed * 1_000_003 + pass);
    int[] order = new int[datasetSize];
    for (int i = 0; i < datasetSize; i++) {
      int j = random.nextInt(i + 1);
      order[i] = order[j];
      order[j] = i;
    }
    return order;
  }
}
