package io.foresplit.app.bench.runtime;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/**
 * The rate of a radio link that fades as 5G links do when something comes between: clear, then
 * shadowed or blocked, then clear again, each for seconds, with noise that remembers (first-order
 * autoregressive, log-normal). Lengths of stays are a least one plus an exponential one. Of a clear
 * link at 20 dB over noise, Shannon's capacity leaves 0.31 with 15 dB less and 0.032 with 28 dB
 * less, about what a body takes from a beam at millimetre waves (24 to 26 dB at 60 GHz: Dieng et
 * al., arXiv 2501.08647). Rates and lengths are chosen so, not fitted to measurements [derived].
 * Immutable; the same seed gives the same trace.
 */
final class FadingTrace {
  /** Between two points. */
  static final double STEP_SECONDS = 0.25;

  /** Rates over that of the clear link. */
  static final double SHADOWED = 0.3;

  static final double BLOCKED = 0.03;
  private static final double BLOCKED_SHARE = 0.7;
  private static final double LEAST_STAY_SECONDS = 4;
  private static final double MEAN_MORE_SECONDS = 4;
  private static final double NOISE = 0.15;
  private static final double MEMORY = 0.9;

  private final List<Double> factors;

  private FadingTrace(List<Double> factors) {
    this.factors = List.copyOf(factors);
  }

  /** Draws a trace of a length. */
  static FadingTrace drawn(long seed, double seconds) {
    Random random = new Random(seed);
    List<Double> factors = new ArrayList<>();
    boolean clear = false;
    double level = 1;
    double left = 0;
    double deviate = 0;
    for (double t = 0; t < seconds; t += STEP_SECONDS) {
      if (left <= 0) {
        clear = !clear;
        double faded = random.nextDouble() < BLOCKED_SHARE ? BLOCKED : SHADOWED;
        level = clear ? 1 : faded;
        left = LEAST_STAY_SECONDS - MEAN_MORE_SECONDS * Math.log(1 - random.nextDouble());
      }
      left -= STEP_SECONDS;
      deviate = MEMORY * deviate + Math.sqrt(1 - MEMORY * MEMORY) * random.nextGaussian();
      factors.add(level * Math.exp(NOISE * deviate - NOISE * NOISE / 2));
    }
    return new FadingTrace(factors);
  }

  /** Rate over that of the clear link at a moment; the trace is looped. */
  double factor(double secondsSinceStart) {
    long position = (long) Math.floor(secondsSinceStart / STEP_SECONDS);
    return factors.get((int) Math.floorMod(position, (long) factors.size()));
  }

  /**
   * What a measurement over the time before a moment would have shown by then: the harmonic mean,
   * bytes over the seconds they took when as many were sent in each part of it. A step takes its
   * bytes over the rate, so this is the rate that gives the mean step time; and it shows a rate
   * that falls sooner than one that rises, as a step that is slow for a while costs more than one
   * that could be faster.
   *
   * @param window seconds
   */
  double measured(double secondsSinceStart, double window) {
    double from = Math.max(0, secondsSinceStart - window);
    int points = 0;
    double sum = 0;
    for (double t = from; t <= Math.max(from, secondsSinceStart); t += STEP_SECONDS) {
      sum += 1 / factor(t);
      points++;
    }
    return points / sum;
  }

  /**
   * The trace of a link as a file of {@code seconds,bytes_per_second}.
   *
   * @param bytesPerSecond of the clear link
   */
  String csv(double bytesPerSecond) {
    StringBuilder text = new StringBuilder("seconds,bytes_per_second\n");
    for (int i = 0; i < factors.size(); i++) {
      text.append(
          String.format(
              Locale.ROOT, "%.2f,%.1f%n", i * STEP_SECONDS, bytesPerSecond * factors.get(i)));
    }
    return text.toString();
  }
}
