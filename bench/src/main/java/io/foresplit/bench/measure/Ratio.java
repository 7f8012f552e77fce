package io.foresplit.bench.measure;

import java.util.OptionalDouble;

/**
 * A share, rate or mean before its division, so that it can be pooled: numerators and denominators
 * are summed over runs, and divided once.
 */
record Ratio(double numerator, double denominator) {
  static final Ratio NOTHING = new Ratio(0, 0);

  Ratio {
    if (!Double.isFinite(numerator) || !(denominator >= 0) || Double.isInfinite(denominator)) {
      throw new IllegalArgumentException(
          "a ratio needs finite numbers and a denominator of at least 0, was "
              + numerator
              + " / "
              + denominator);
    }
  }

  Ratio plus(Ratio other) {
    return new Ratio(numerator + other.numerator, denominator + other.denominator);
  }

  /** Empty where there was nothing to count. */
  OptionalDouble value() {
    return denominator == 0 ? OptionalDouble.empty() : OptionalDouble.of(numerator / denominator);
  }
}
