package io.foresplit.runtime.plan;

/** What a split is to make small. */
public sealed interface SplitObjective {
  /** Parts of a mini-batch that are under way at the same time. */
  int microBatches();

  /** Seconds of one step, one mini-batch after the other. */
  record Latency() implements SplitObjective {
    @Override
    public int microBatches() {
      return 1;
    }
  }

  /**
   * Seconds of one step of µ equal micro-batches that follow each other through tiers and links:
   * the sum of all stages for one, and the slowest stage or link µ − 1 times more (in the spirit of
   * Pipelining Split Learning in Multi-hop Edge Networks, arXiv 2505.04368).
   *
   * @param microBatches µ, at least 1
   */
  record Pipelined(int microBatches) implements SplitObjective {
    public Pipelined {
      if (microBatches < 1 || microBatches > 10_000) {
        throw new IllegalArgumentException("micro-batches must be 1 to 10000, was " + microBatches);
      }
    }
  }
}
