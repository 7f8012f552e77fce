package io.foresplit.forecaster.model;

import io.foresplit.forecaster.Robust;
import java.util.Arrays;

/**
 * The linear scale on which a model sees one window, so that series of any size fit into a float
 * and keep their digits: distances from the median in units of the spread.
 *
 * @param unit positive
 */
record WindowScale(double center, double unit) {
  /** Larger values count as this large; then the difference of two is a number too. */
  private static final double LARGEST = 1e300;

  /** The furthest from the centre a value is seen, in units: a model may square it as a float. */
  private static final double FURTHEST = 1e9;

  /** Share of the centre that a spread has at least: below it there is rounding only. */
  private static final double LEAST_SHARE = 1e-12;

  /** Of the values present; the spread of most values, else of all, else next to nothing. */
  static WindowScale of(double[] window) {
    double[] present = Arrays.stream(Robust.present(window)).map(WindowScale::limited).toArray();
    double center = Robust.median(present);
    double spread = Robust.sigma(present, center);
    if (spread == 0) {
      int n = present.length;
      spread = Arrays.stream(present).map(v -> Math.abs(v - center) / n).sum();
    }
    double least = Math.max(LEAST_SHARE * Math.abs(center), Double.MIN_NORMAL);
    return new WindowScale(center, Math.max(spread, least));
  }

  double toModel(double value) {
    return Math.max(-FURTHEST, Math.min(FURTHEST, (limited(value) - center) / unit));
  }

  /** Always finite for a finite value. */
  double toNatural(double model) {
    return limited(center + unit * model);
  }

  private static double limited(double value) {
    return Math.max(-LARGEST, Math.min(LARGEST, value));
  }
}
