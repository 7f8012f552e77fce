package io.foresplit.bench.data;

/**
 * What right and wrong detections cost an application (Lavin and Ahmad 2015, section II-C).
 *
 * @param name as in NAB's {@code profiles.json}
 * @param truePositive what finding a window at its first row is worth
 * @param falseNegative what a missed window costs
 * @param falsePositive what a detection far from any window costs
 */
public record NabProfile(
    String name, double truePositive, double falseNegative, double falsePositive) {
  public NabProfile {
    if (!(truePositive > 0 && falseNegative >= 0 && falsePositive >= 0)
        || !Double.isFinite(truePositive + falseNegative + falsePositive)) {
      throw new IllegalArgumentException(
          "weights of profile " + name + " must be finite, tpWeight above 0, others at least 0");
    }
  }

  /** Short name for tables: {@code standard}, {@code lowFP}, {@code lowFN}. */
  public String label() {
    return switch (name) {
      case "reward_low_FP_rate" -> "lowFP";
      case "reward_low_FN_rate" -> "lowFN";
      default -> name;
    };
  }
}
