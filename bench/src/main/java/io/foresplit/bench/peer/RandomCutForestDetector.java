package io.foresplit.bench.peer;

import com.amazon.randomcutforest.RandomCutForest;

/**
 * Random Cut Forest (Guha et al., ICML 2016) as its maintainers publish it: default number of
 * trees, sample size and decay, on shingles of a number of values. A value is scored before the
 * forest learns it; until the shingle and a quarter of a sample are full, the score is 0. The
 * forest's score s, about 1 for the ordinary, becomes s/(1 + s); NAB's score depends on the order
 * of scores alone, which that keeps. Values are kept to single precision.
 *
 * @param shingle values that are scored together; 1 is the default of the algorithm as a service
 */
public record RandomCutForestDetector(int shingle, long seed) implements AnomalyDetector {
  @Override
  public String label() {
    return "random-cut-forest-" + shingle;
  }

  @Override
  public Scorer start() {
    RandomCutForest forest =
        RandomCutForest.builder()
            .dimensions(shingle)
            .shingleSize(shingle)
            .internalShinglingEnabled(true)
            .randomSeed(seed)
            .build();
    return value -> {
      float[] point = {(float) value};
      double score = forest.getAnomalyScore(point);
      forest.update(point);
      return score / (1 + score);
    };
  }
}
