package io.foresplit.forecaster;

import java.util.Arrays;

/**
 * Last value with drift, robustly: a Theil–Sen line through the last values. The line is taken over
 * the longest run of values that it fits to the very end (Lepski's principle), so that a bend is
 * seen within a few intervals while a steady series is averaged over many. A slope that the noise
 * could have made is shrunk towards none.
 */
final class DriftForecaster implements Forecaster {
  private static final int[] RUNS = {24, 16, 12, 8};
  private static final int REACH = 128;

  /** Intervals without a value after which the last level is kept and no trend followed. */
  private static final int STALE = 16;

  private static final double BEND_SIGMAS = 1.2;
  private static final double SHRINK_SIGMAS = 1.6;

  @Override
  public String name() {
    return "drift/1";
  }

  @Override
  public Quantiles forecast(double[] window, int horizon) {
    int from = Math.max(0, window.length - REACH);
    double[] times = new double[RUNS[0]];
    double[] values = new double[RUNS[0]];
    int n = 0;
    for (int i = window.length - 1; i >= from && n < RUNS[0]; i--) {
      if (!Double.isNaN(window[i])) {
        n++;
        times[RUNS[0] - n] = i - (window.length - 1);
        values[RUNS[0] - n] = window[i];
      }
    }
    if (n == 0 || times[RUNS[0] - 1] < -STALE) {
      double[] old = Robust.lastPresent(window, RUNS[RUNS.length - 1], 0);
      double level = Robust.median(old);
      return flat(level, Math.max(Robust.sigma(old, level), 1e-9), horizon);
    }
    times = Arrays.copyOfRange(times, RUNS[0] - n, RUNS[0]);
    values = Arrays.copyOfRange(values, RUNS[0] - n, RUNS[0]);
    double noise = differenceNoise(values);
    if (n < RUNS[RUNS.length - 1]) { // too few to tell a slope
      double level = Robust.median(values);
      return flat(level, Math.max(Robust.sigma(values, level), noise), horizon);
    }
    return along(longestFit(times, values, noise), horizon);
  }

  private static RobustLine longestFit(double[] times, double[] values, double noise) {
    for (int i = 0; i + 1 < RUNS.length; i++) {
      RobustLine line = fitLast(RUNS[i], times, values, noise);
      if (Math.abs(line.recentBias()) <= BEND_SIGMAS * line.sigma()) {
        return line;
      }
    }
    return fitLast(RUNS[RUNS.length - 1], times, values, noise);
  }

  private static RobustLine fitLast(int run, double[] times, double[] values, double noise) {
    int n = times.length;
    int from = Math.max(0, n - run);
    return RobustLine.fit(
        Arrays.copyOfRange(times, from, n), Arrays.copyOfRange(values, from, n), noise);
  }

  private static Quantiles along(RobustLine line, int horizon) {
    double doubt = SHRINK_SIGMAS * line.slopeError() / Math.max(Math.abs(line.slope()), 1e-12);
    double slope = line.slope() * Math.max(0, 1 - doubt * doubt);
    double[] median = new double[horizon];
    double[] sigma = new double[horizon];
    for (int h = 0; h < horizon; h++) {
      double ahead = h + 1 - line.center();
      median[h] = line.level() + slope * ahead;
      sigma[h] = Math.hypot(line.sigma(), line.slopeError() * ahead);
    }
    return Quantiles.normal(median, sigma);
  }

  private static Quantiles flat(double level, double noise, int horizon) {
    double[] median = new double[horizon];
    double[] sigma = new double[horizon];
    for (int h = 0; h < horizon; h++) {
      median[h] = level;
      sigma[h] = noise * Math.sqrt(1 + 0.1 * (h + 1));
    }
    return Quantiles.normal(median, sigma);
  }

  private static double differenceNoise(double[] values) {
    if (values.length < 2) {
      return 1e-9;
    }
    double[] steps = new double[values.length - 1];
    Arrays.setAll(steps, i -> values[i + 1] - values[i]);
    double drift = Robust.median(steps);
    return Math.max(Robust.sigma(steps, drift) / Math.sqrt(2), 1e-9);
  }
}
