package io.foresplit.bench.peer;

/** A method that says of each value of a series how anomalous it is. Stateless. */
public interface AnomalyDetector {
  /** For tables and files. */
  String label();

  /** A fresh start, for one series. */
  Scorer start();

  /** Strictly online: knows what it was given before, and nothing else. Mutable. */
  @FunctionalInterface
  interface Scorer {
    /**
     * The anomaly score of the next value.
     *
     * @return 0 to 1, higher when more anomalous
     */
    double next(double value);
  }

  /** Scores of a whole series, each from the values up to it. */
  default double[] scores(double[] values) {
    Scorer scorer = start();
    double[] scores = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      scores[i] = scorer.next(values[i]);
    }
    return scores;
  }
}
