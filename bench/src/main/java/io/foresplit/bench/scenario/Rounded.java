package io.foresplit.bench.scenario;

import java.math.BigDecimal;
import java.math.MathContext;

/** Drawn numbers that people can read in a file. */
final class Rounded {
  private Rounded() {}

  /** Three digits that count; infinite stays. */
  static double of(double value) {
    return Double.isFinite(value)
        ? BigDecimal.valueOf(value).round(new MathContext(3)).doubleValue()
        : value;
  }

  /** Whole seconds; infinite stays. */
  static double seconds(double value) {
    return Double.isFinite(value) ? Math.rint(value) : value;
  }
}
