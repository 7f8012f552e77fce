package io.foresplit.forecaster;

import io.foresplit.contract.Metric;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * Tells a lasting rise of an objective's metric from noise, sooner than a forecast of it can be
 * trusted: a one-sided CUSUM (Page 1954) of the values as they are, not smoothed, by how many
 * sigmas they lie above their healthy range. The range is frozen once learnt and moves for the
 * better only.
 *
 * <p>A value counts for {@value #MOST_SIGMAS} sigmas at most, so that no single one decides. A jump
 * beyond all noise takes two. Independent normal noise, with a bound six sigmas away, is alarmed
 * less than once in 100 hours of intervals of 5 s ({@code ShiftDetectorTest}); that of jobs is
 * neither, so that false alarms are measured, see docs/evaluation.md. Mutable, not thread-safe.
 */
final class ShiftDetector {
  /** Sigmas that a value may lie above the healthy centre without counting. */
  static final double ALLOWED_SIGMAS = 1;

  static final double MOST_SIGMAS = 6;

  /** Sum from which a shift is certain. */
  static final double CERTAIN = 8;

  /** More is not added up, so that a long shift is forgotten as soon as a short one. */
  private static final double MOST_SUM = 2 * CERTAIN;

  private static final int BETTER_VALUES = 32;
  private static final double BETTER_SIGMAS = -0.5;

  private HealthyRange healthy = HealthyRange.UNKNOWN;
  private double sum;
  private double last = Double.NaN;
  private double before = Double.NaN;

  /** The value of an interval on the model scale; a gap is no evidence. */
  void observe(double value, Metric metric) {
    if (Double.isNaN(value)) {
      return;
    }
    before = last;
    last = value;
    double sigmas = Math.min(healthy.badness(value, metric), MOST_SIGMAS);
    sum = Math.min(Math.max(0, sum + sigmas - ALLOWED_SIGMAS), MOST_SUM);
  }

  /** Learns from a window on the model scale that ends at a healthy interval. */
  void learn(double[] window, Metric metric, int enough) {
    healthy = healthy.learn(window, metric, enough);
    double[] late = Robust.lastPresent(window, BETTER_VALUES, 0);
    if (healthy.learnt() >= enough && late.length == BETTER_VALUES) {
      double level = Robust.median(late);
      healthy = healthy.badness(level, metric) < BETTER_SIGMAS ? healthy.centered(level) : healthy;
    }
  }

  /** What is healthy has moved with the cut, on the model scale. */
  void move(double by) {
    healthy = healthy.centered(healthy.center() + by);
    restart();
  }

  /** What was left behind by an incident is what a further rise is compared with. */
  void recenter(double level) {
    healthy = healthy.centered(level);
    restart();
  }

  /** Forgets the evidence, not what is healthy. */
  void restart() {
    sum = 0;
    last = Double.NaN;
    before = Double.NaN;
  }

  /** Whether there is evidence of a shift, though it may be noise. */
  boolean isSuspicious() {
    return sum >= CERTAIN / 2;
  }

  /**
   * Whether the metric has shifted for certain, and the last two values are both so far gone.
   *
   * @param bound of the objective on the model scale
   * @param way share of the way from the healthy centre to the bound
   * @param enough values the healthy range must have been learnt from
   */
  boolean hasShifted(double bound, double way, int enough) {
    double there = healthy.center() + way * (bound - healthy.center());
    return healthy.learnt() >= enough && sum >= CERTAIN && last >= there && before >= there;
  }

  void writeTo(DataOutput out) throws IOException {
    healthy.writeTo(out);
    out.writeDouble(sum);
    out.writeDouble(last);
    out.writeDouble(before);
  }

  void readFrom(DataInput in) throws IOException {
    healthy = HealthyRange.readFrom(in);
    sum = in.readDouble();
    last = in.readDouble();
    before = in.readDouble();
  }
}
