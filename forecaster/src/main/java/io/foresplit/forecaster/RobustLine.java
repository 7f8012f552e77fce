package io.foresplit.forecaster;

import java.util.Arrays;

/**
 * A Theil–Sen line through points (Sen 1968): the median of all pairwise slopes, with the noise
 * around it and the uncertainty of its slope, allowing for noise that remembers (AR(1)).
 *
 * @param slope change per interval
 * @param center median time of the points, in intervals; 0 is the last interval of the window
 * @param level value of the line at {@code center}
 * @param sigma standard deviation of the noise around the line
 * @param slopeError standard error of the slope
 * @param recentBias median residual of the newest points: large when the line misses a bend
 */
record RobustLine(
    double slope, double center, double level, double sigma, double slopeError, double recentBias) {
  private static final int RECENT = 4;
  private static final double LEAST_MEMORY = 0.3;
  private static final double MOST_MEMORY = 0.8;

  /**
   * @param times ascending
   * @param leastSigma floor for the noise, since few points can look smooth by chance
   */
  static RobustLine fit(double[] times, double[] values, double leastSigma) {
    int n = times.length;
    double[] slopes = new double[n * (n - 1) / 2];
    int k = 0;
    for (int i = 0; i < n; i++) {
      for (int j = i + 1; j < n; j++) {
        slopes[k++] = (values[j] - values[i]) / (times[j] - times[i]);
      }
    }
    double slope = Robust.median(slopes);
    double center = Robust.median(times);
    double[] offsets = new double[n];
    Arrays.setAll(offsets, i -> values[i] - slope * (times[i] - center));
    double level = Robust.median(offsets);
    double[] residuals = Arrays.stream(offsets).map(o -> o - level).toArray();
    double sigma = Math.max(Robust.sigma(residuals, 0), leastSigma);
    double spread = 0;
    double mean = Arrays.stream(times).average().orElse(0);
    for (double time : times) {
      spread += (time - mean) * (time - mean);
    }
    double memory = Math.min(Math.max(memory(residuals), LEAST_MEMORY), MOST_MEMORY);
    double slopeError = sigma / Math.sqrt(spread) * Math.sqrt((1 + memory) / (1 - memory));
    double bias = Robust.median(Arrays.copyOfRange(residuals, Math.max(0, n - RECENT), n));
    return new RobustLine(slope, center, level, sigma, slopeError, bias);
  }

  private static double memory(double[] residuals) {
    double squares = 0;
    double products = 0;
    for (int i = 0; i < residuals.length; i++) {
      squares += residuals[i] * residuals[i];
      products += i > 0 ? residuals[i] * residuals[i - 1] : 0;
    }
    return squares > 0 ? products / squares : 0;
  }
}
