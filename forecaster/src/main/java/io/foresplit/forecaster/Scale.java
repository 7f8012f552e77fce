package io.foresplit.forecaster;

import io.foresplit.contract.Metric;
import java.util.Arrays;

/**
 * How a metric is modelled. Positive quantities are modelled as logarithms, floored, so that a rate
 * that fades by the same factor each second is a straight line; noisy ones are smoothed first.
 *
 * @param logarithmic whether the model scale is the natural logarithm
 * @param floor least value on the natural scale of a logarithmic metric
 * @param smoothing number of last values present whose mean stands for a value, 1 = as it is
 */
record Scale(boolean logarithmic, double floor, int smoothing) {
  private static final double LEAST = 1e-6;

  /** Delays below a tenth of a millisecond do not matter to a training step. */
  private static final double LEAST_DELAY_SECONDS = 1e-4;

  private static final int NOISY = 5;

  static Scale of(Metric metric) {
    double floor = metric == Metric.LINK_DELAY_SECONDS ? LEAST_DELAY_SECONDS : LEAST;
    boolean noisy = metric == Metric.LOSS || metric == Metric.GRADIENT_NORM;
    return new Scale(metric.isScale(), floor, noisy ? NOISY : 1);
  }

  /** The same scale for values as they are. */
  Scale unsmoothed() {
    return new Scale(logarithmic, floor, 1);
  }

  double toModel(double value) {
    return logarithmic ? Math.log(Math.max(value, floor)) : value;
  }

  double toNatural(double value) {
    return logarithmic ? Math.exp(value) : value;
  }

  /** A window on the model scale; gaps stay gaps. */
  double[] toModel(double[] window) {
    double[] result = new double[window.length];
    Arrays.fill(result, Double.NaN);
    for (int i = 0; i < window.length; i++) {
      if (!Double.isNaN(window[i])) {
        result[i] = toModel(smoothing == 1 ? window[i] : trailingMean(window, i));
      }
    }
    return result;
  }

  private double trailingMean(double[] window, int end) {
    double sum = 0;
    int count = 0;
    for (int i = end; i >= 0 && count < smoothing && end - i < 3 * smoothing; i--) {
      if (!Double.isNaN(window[i])) {
        sum += window[i];
        count++;
      }
    }
    return sum / count;
  }
}
