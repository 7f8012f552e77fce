package io.foresplit.forecaster;

import java.util.Collections;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What the kind of an incident is told from: numbers by name, the same names for every topology.
 * Residuals are in sigmas from what is healthy, upwards to the bad where that is known, squashed to
 * {@code sign(z) log(1 + |z|)}; what is not measured is 0, as if it were healthy.
 */
public record KindFeatures(SortedMap<String, Double> values) {
  /** All names. */
  public static final SortedSet<String> NAMES =
      Collections.unmodifiableSortedSet(new TreeSet<>(KindEvidence.names()));

  private static final double MOST = 1e6;

  public KindFeatures {
    values = Collections.unmodifiableSortedMap(new TreeMap<>(values));
    values.forEach(
        (name, value) -> {
          if (!Double.isFinite(value)) {
            throw new IllegalArgumentException("feature " + name + " must be finite, was " + value);
          }
        });
  }

  /** A residual as a feature; 0 when there is none. */
  static double squashed(double residual) {
    double bounded = Double.isNaN(residual) ? 0 : Math.max(-MOST, Math.min(MOST, residual));
    return Math.signum(bounded) * Math.log1p(Math.abs(bounded));
  }
}
