package io.foresplit.forecaster;

/**
 * Scores each value of a series by how unlikely it is after those before it. Strictly online, no
 * clock, bounded state, deterministic. Mutable, not thread-safe; one instance a series.
 */
public final class AnomalyScorer {
  private static final double MEMORY = 0.01;
  private double level = Double.NaN;
  private double variance;
  private int count;

  /**
   * Scores the next value.
   *
   * @param value NaN when it is missing
   * @return in [0, 1], 1 the most unlikely
   */
  public double next(double value) {
    if (Double.isNaN(value)) {
      return 0;
    }
    count++;
    if (Double.isNaN(level)) {
      level = value;
      return 0;
    }
    double error = value - level;
    double square = error * error;
    double score = square > 0 && count > 30 ? square / (square + 25 * variance) : 0;
    level += MEMORY * error;
    variance += MEMORY * (square - variance);
    return score;
  }
}
