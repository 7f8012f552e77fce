package io.foresplit.forecaster;

/**
 * How unlikely a deviation is after those before it: a histogram of their logarithms that slowly
 * forgets, with a Pareto tail fitted to the largest (Hill 1975; extreme values for streams as in
 * Siffer et al. 2017), since deviations of real series have heavy tails. Deviations are only
 * compared with each other, so the scale of the series does not matter. Mutable, not thread-safe.
 */
final class AnomalyTail {
  private static final int BINS_PER_OCTAVE = 4;
  private static final int BINS = 256;
  private static final double LOG_2 = Math.log(2);

  /** Share of the deviations the tail is fitted to, and the fewest of them. */
  private static final double TAIL = 0.02;

  private static final double LEAST_IN_TAIL = 8;

  /** Deviations after which surprise is possible. */
  private static final double LEAST_KNOWN = 100;

  /** What is believed of a tail nothing is known of: mean excess in octaves, and its weight. */
  private static final double PRIOR_EXCESS = 0.5;

  private static final double PRIOR_WEIGHT = 10;

  /** Share of the past that is forgotten with each deviation. */
  private static final double FORGET = 3e-4;

  private static final int FORGET_EVERY = 32;
  private static final float KEEP = (float) Math.pow(1 - FORGET, FORGET_EVERY);

  private final float[] bins = new float[BINS];

  /** The first deviation that was not 0; it lies in the middle bin. */
  private double unit;

  private double total;
  private int sinceForgetting;

  /**
   * Surprise at a deviation: minus the decimal logarithm of the probability of one as large.
   *
   * @param deviation finite, not negative
   */
  double surprise(double deviation) {
    if (deviation <= 0 || total < LEAST_KNOWN) {
      return 0;
    }
    if (unit == 0) { // after zeros only
      return Math.log10(total + 2);
    }
    double at = position(deviation);
    double inTail = Math.max(TAIL * total, LEAST_IN_TAIL);
    double beyond = Double.NaN;
    double above = 0;
    double excess = 0; // sum of the distances from the top
    int bin = BINS;
    while (bin > 0 && above < inTail) {
      bin--;
      if (bin == (int) at) {
        beyond = above + bins[bin] * (bin + 1 - at);
      }
      above += bins[bin];
      excess += bins[bin] * (BINS - bin - 0.5);
    }
    double observed = Double.isNaN(beyond) ? 0 : beyond;
    if (at < bin) {
      return -Math.log10(Math.min(1, (above + 0.5) / (total + 1)));
    }
    double meanExcess = above * (BINS - bin) - excess;
    double shape =
        (meanExcess + PRIOR_WEIGHT * PRIOR_EXCESS * BINS_PER_OCTAVE) / (above + PRIOR_WEIGHT);
    double pareto = (above + 0.5) * Math.exp(-(at - bin) / shape);
    return -Math.log10(Math.min(1, Math.max(pareto, observed) / (total + 1)));
  }

  void learn(double deviation) {
    total = total * (1 - FORGET) + 1;
    sinceForgetting++;
    if (sinceForgetting == FORGET_EVERY) {
      sinceForgetting = 0;
      for (int i = 0; i < BINS; i++) {
        bins[i] *= KEEP;
      }
    }
    if (deviation > 0) {
      if (unit == 0) {
        unit = deviation;
      }
      bins[(int) position(deviation)]++;
    }
  }

  private double position(double deviation) {
    double octaves = Math.log(deviation / unit) / LOG_2;
    return Math.min(Math.max(octaves * BINS_PER_OCTAVE + BINS / 2.0, 0), BINS - 1e-6);
  }
}
