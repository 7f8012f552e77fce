package io.foresplit.forecaster;

import io.foresplit.contract.Metric;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * Where a series lies when all is well, on its model scale: learnt from the first intervals with
 * low risk, then frozen, so that a long degradation never becomes normal while it is one.
 *
 * @param center median
 * @param sigma noise, by the median absolute deviation, floored
 * @param learnt values it was learnt from
 */
record HealthyRange(double center, double sigma, int learnt) {
  /** A level this many sigmas to the bad side is outside. */
  static final double OUTSIDE_SIGMAS = 2.5;

  static final HealthyRange UNKNOWN = new HealthyRange(0, 1, 0);
  private static final double LEAST_SIGMA = 0.04;
  private static final double MOST_SIGMA = 0.3;
  private static final int LEAST_LEARNT = 10;
  private static final int LEVEL_VALUES = 4;
  private static final int LASTING_VALUES = 32;
  private static final double LASTINGLY_BETTER = -3;

  boolean isKnown() {
    return learnt >= LEAST_LEARNT;
  }

  /** One more healthy interval. Once frozen, only a lasting change for the better moves it. */
  HealthyRange learn(double[] window, Metric metric, int enough) {
    if (window.length == 0 || Double.isNaN(window[window.length - 1])) {
      return this;
    }
    if (learnt < enough) {
      return around(Robust.lastPresent(window, learnt + 1, 0), learnt + 1);
    }
    double[] lasting = Robust.lastPresent(window, LASTING_VALUES, 0);
    double level = Robust.median(lasting);
    boolean better = lasting.length == LASTING_VALUES && badness(level, metric) < LASTINGLY_BETTER;
    return better ? centered(level) : this;
  }

  HealthyRange centered(double level) {
    return Double.isNaN(level) ? this : new HealthyRange(level, sigma, learnt);
  }

  /** Sigmas to the bad side of a value on the model scale; 0 while the range is not known. */
  double badness(double value, Metric metric) {
    if (!isKnown() || Double.isNaN(value)) {
      return 0;
    }
    double above = (value - center) / sigma;
    return metric == Metric.LINK_RATE ? -above : above;
  }

  /** {@link #badness} of the present level of a window. */
  double levelBadness(double[] window, Metric metric) {
    return badness(Robust.level(window, LEVEL_VALUES), metric);
  }

  void writeTo(DataOutput out) throws IOException {
    out.writeDouble(center);
    out.writeDouble(sigma);
    out.writeInt(learnt);
  }

  static HealthyRange readFrom(DataInput in) throws IOException {
    return new HealthyRange(in.readDouble(), in.readDouble(), in.readInt());
  }

  private static HealthyRange around(double[] values, int learnt) {
    double center = Robust.median(values);
    double sigma = Math.min(Math.max(Robust.sigma(values, center), LEAST_SIGMA), MOST_SIGMA);
    return new HealthyRange(center, sigma, learnt);
  }
}
