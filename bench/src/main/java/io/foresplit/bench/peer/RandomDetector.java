package io.foresplit.bench.peer;

import java.util.SplittableRandom;

/** Scores drawn evenly from 0 to 1. Every series gets other ones; not thread-safe. */
public final class RandomDetector implements AnomalyDetector {
  private final SplittableRandom random;

  public RandomDetector(long seed) {
    random = new SplittableRandom(seed);
  }

  @Override
  public String label() {
    return "random";
  }

  @Override
  public Scorer start() {
    SplittableRandom own = random.split();
    return value -> own.nextDouble();
  }
}
