package io.foresplit.forecaster;

import java.util.Arrays;

/** The last value, in doubt by how far values have lain apart at each distance in time. */
final class LastValueForecaster implements Forecaster {
  /** Turns a mean absolute deviation into the standard deviation of a normal distribution. */
  private static final double MEAN_TO_SIGMA = 1.2533;

  @Override
  public String name() {
    return "last-value/1";
  }

  @Override
  public Quantiles forecast(double[] window, int horizon) {
    int last = window.length - 1;
    while (Double.isNaN(window[last])) {
      last--;
    }
    int old = window.length - 1 - last;
    double[] median = new double[horizon];
    Arrays.fill(median, window[last]);
    double[] sigma = new double[horizon];
    int before = 0;
    for (int ahead = 1; before < horizon; ahead *= 2) { // known at powers of two, straight between
      int here = Math.min(ahead, horizon);
      double apart = Math.max(spread(window, here + old), before == 0 ? 1e-9 : sigma[before - 1]);
      double from = before == 0 ? apart : sigma[before - 1];
      for (int h = before; h < here; h++) {
        sigma[h] = from + (apart - from) * (h + 1 - before) / (here - before);
      }
      before = here;
    }
    return Quantiles.normal(median, sigma);
  }

  /** Of values so far apart in time; 0 when there are none. */
  private static double spread(double[] window, int lag) {
    double sum = 0;
    int pairs = 0;
    for (int i = lag; i < window.length; i++) {
      double difference = Math.abs(window[i] - window[i - lag]);
      if (!Double.isNaN(difference)) {
        sum += difference;
        pairs++;
      }
    }
    return pairs == 0 ? 0 : MEAN_TO_SIGMA * sum / pairs;
  }
}
