package io.foresplit.diagnoser;

import java.util.Arrays;

/**
 * How likely a series shifted at each bin, as far as it is likelier than by chance: the distance of
 * the means before and from there on, squared, over its variance (CUSUM form; Csörgő and Horváth
 * 1997), for the worse more than for the better. A shift may last to the end or end earlier:
 * stretches of growing length are looked at too, and judged by how far neighbouring stretches of
 * such a length usually lie apart, so that slow wander is told from a shift (derived). Values are
 * limited to a few sigmas of the noise, so that lone ones do not decide (derived). A bin is a step;
 * in tables of more than {@value #MOST_BINS} steps, the mean of several. Not thread-safe.
 */
final class Shifts {
  /** Fewest steps before an onset that tell what is normal. */
  private static final int LEAST_BEFORE = 30;

  /** Fewest steps that make a shift, and how long it lasts at least where they are short. */
  private static final int LEAST_AFTER = 4;

  private static final double LEAST_SECONDS = 30;

  /** It need not last longer than this share of the table. */
  private static final double MOST_AFTER = 0.05;

  private static final int MOST_BINS = 2000;
  private static final double LIMIT_SIGMAS = 6;

  /** The least variance of a value over what it would be by the noise. */
  private static final double LEAST_WANDER = 0.25;

  /** A series present in less than this share of the steps does not tell when. */
  private static final double LEAST_COVERAGE = 0.5;

  /** Fewest stretches of a length in a table that tell how far they usually lie apart. */
  private static final int LEAST_STRETCHES = 20;

  /** Share of the distances of stretches that are usual, and its quantile of normal squares. */
  private static final double USUAL = 0.8;

  private static final double SQUARE_OF_USUAL = 1.642;

  /** Share of the tables of mere noise in which a shift is seen (union bound over all looks). */
  private static final double FALSE_SHIFTS = 0.01;

  private final int steps;
  private final int width;
  private final int bins;
  private final int first;
  private final int shortest;
  private final double chance;
  private final double[][] factors; // by length of the stretch, then bin
  private final double[] likelihood;

  Shifts(MetricTable table) {
    steps = table.steps();
    width = Math.max(1, (steps + MOST_BINS - 1) / MOST_BINS);
    bins = steps / width;
    first = (LEAST_BEFORE + width - 1) / width;
    double lasting = Math.min(LEAST_SECONDS / table.stepSeconds(), MOST_AFTER * steps);
    shortest = (int) Math.ceil(Math.max(LEAST_AFTER, lasting) / width);
    chance = 2 * Math.log(Math.max(1, (double) steps * table.series().size()) / FALSE_SHIFTS);
    int lengths = 1;
    while (shortest << (lengths - 1) < bins - first) {
      lengths++;
    }
    factors = new double[lengths][];
    Arrays.setAll(factors, k -> factors(shortest << k));
    likelihood = new double[bins];
  }

  int bins() {
    return bins;
  }

  /** Steps of a bin. */
  int width() {
    return width;
  }

  /**
   * By bin, over what one series may reach by chance; 0 where it is not beyond that or cannot be
   * told. Good until the next call.
   */
  double[] of(double[] values, MetricMeaning meaning) {
    Arrays.fill(likelihood, 0);
    double[] sums = sums(Counters.rates(values, steps));
    if (sums.length == 0) {
      return likelihood;
    }
    double[] means = new double[bins];
    for (int t = first; t < bins; t++) {
      means[t] = sums[t] / t;
    }
    double wander = LEAST_WANDER / width;
    for (int k = 0; k < factors.length; k++) {
      int length = shortest << k;
      if (length * LEAST_STRETCHES <= bins) {
        wander = Math.max(wander, wander(sums, length));
      }
      double[] factor = factors[k];
      double rise = meaning.rise() / Math.sqrt(wander);
      double fall = meaning.fall() / Math.sqrt(wander);
      int whole = Math.max(first, bins - length + 1);
      for (int t = first; t < whole; t++) {
        double gain = sums[t + length] - sums[t] - length * means[t];
        likelihood[t] = Math.max(likelihood[t], square(gain, rise, fall) * factor[t]);
      }
      for (int t = whole; t < bins - length / 2 && k > 0; t++) { // to the end
        double gain = sums[bins] - sums[t] - (bins - t) * means[t];
        likelihood[t] = Math.max(likelihood[t], square(gain, rise, fall) * factor[t]);
      }
    }
    for (int t = 0; t < bins; t++) {
      likelihood[t] = Math.max(0, likelihood[t] / chance - 1);
    }
    return likelihood;
  }

  /** Of a gain, as it counts up or down; without branches, for it is asked for often. */
  private static double square(double gain, double rise, double fall) {
    double worse = Math.max(0, gain) * rise + Math.max(0, -gain) * fall;
    return worse * worse;
  }

  /**
   * What the square of the gain of the sum over the mean before is multiplied by, for each bin: the
   * distance of the means, squared, counts t * after / (t + after) times.
   */
  private double[] factors(int length) {
    double[] factors = new double[bins];
    for (int t = first; t < bins; t++) {
      double after = Math.min(length, bins - t);
      factors[t] = t / (after * (t + after));
    }
    return factors;
  }

  /**
   * Sums, up to each bin, of the limited values; none when too few are present, or all are alike.
   */
  private double[] sums(double[] values) {
    double[] present = Baseline.present(values, 0, steps);
    if (present.length < LEAST_COVERAGE * steps || present.length == 0) {
      return new double[0];
    }
    double center = Robust.select(present, present.length / 2);
    double furthest = 0;
    for (int i = 0; i < present.length; i++) {
      present[i] = Math.abs(present[i] - center);
      furthest = Math.max(furthest, present[i]);
    }
    if (!(furthest > 0 && furthest <= Double.MAX_VALUE)) {
      return new double[0];
    }
    double unit = 1 / (Robust.MAD_TO_SIGMA * Robust.select(present, present.length / 2));
    double[] sums = new double[bins + 1];
    double last = 0;
    for (int bin = 0; bin < bins; bin++) {
      double sum = 0;
      int count = 0;
      for (int i = bin * width; i < (bin + 1) * width; i++) {
        if (!Double.isNaN(values[i])) {
          // infinite where the noise is none
          double sigmas = values[i] == center ? 0 : (values[i] - center) * unit;
          sum += Math.max(-LIMIT_SIGMAS, Math.min(LIMIT_SIGMAS, sigmas));
          count++;
        }
      }
      last = count == 0 ? last : sum / count;
      sums[bin + 1] = sums[bin] + last;
    }
    return sums;
  }

  /**
   * The variance of the mean of a stretch, times its length, by a quantile of the squares of the
   * distances of neighbours, of which a shift changes few.
   */
  private double wander(double[] sums, int length) {
    int stride = Math.max(1, length / 2);
    double[] squares = new double[(bins - 2 * length) / stride + 1];
    for (int i = 0; i < squares.length; i++) {
      int middle = i * stride + length;
      double apart = sums[middle + length] - 2 * sums[middle] + sums[middle - length];
      squares[i] = apart * apart / (2 * length);
    }
    return Robust.select(squares, (int) (USUAL * squares.length)) / SQUARE_OF_USUAL;
  }
}
