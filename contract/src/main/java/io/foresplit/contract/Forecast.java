package io.foresplit.contract;

import java.util.Arrays;
import java.util.List;

/**
 * Quantiles of one series for the intervals after the origin.
 *
 * @param origin last interval the forecaster saw
 * @param levels rising, each in (0, 1)
 * @param quantiles one row a level, one column a step ahead: {@code quantiles.get(level).get(h)} is
 *     for interval {@code origin + h + 1}
 * @param forecaster which model made it, with version, for provenance
 */
public record Forecast(
    SeriesKey series,
    long origin,
    long epoch,
    List<Double> levels,
    List<List<Double>> quantiles,
    String forecaster) {
  public Forecast {
    levels = List.copyOf(levels);
    quantiles = quantiles.stream().map(List::copyOf).toList();
    if (levels.isEmpty() || levels.size() != quantiles.size()) {
      throw new IllegalArgumentException(
          "a forecast needs one row of quantiles a level, was "
              + levels.size()
              + " levels and "
              + quantiles.size()
              + " rows");
    }
    int horizon = quantiles.get(0).size();
    double previous = 0;
    for (int i = 0; i < levels.size(); i++) {
      if (!(levels.get(i) > previous && levels.get(i) < 1)) {
        throw new IllegalArgumentException("levels must rise within (0, 1), was " + levels);
      }
      previous = levels.get(i);
      if (quantiles.get(i).size() != horizon || horizon == 0) {
        throw new IllegalArgumentException("all levels need the same positive horizon");
      }
    }
  }

  public int horizon() {
    return quantiles.get(0).size();
  }

  /** The value at a level, interpolated linearly; outside the levels, the outermost one. */
  public double quantile(double level, int step) {
    if (level <= levels.get(0)) {
      return quantiles.get(0).get(step);
    }
    for (int i = 1; i < levels.size(); i++) {
      if (level <= levels.get(i)) {
        double share = (level - levels.get(i - 1)) / (levels.get(i) - levels.get(i - 1));
        double low = quantiles.get(i - 1).get(step);
        return low + share * (quantiles.get(i).get(step) - low);
      }
    }
    return quantiles.get(levels.size() - 1).get(step);
  }

  public double median(int step) {
    return quantile(0.5, step);
  }

  /** Probability that the value at a step is above a bound, by interpolation between levels. */
  public double probabilityAbove(double bound, int step) {
    double[] at = new double[levels.size()];
    Arrays.setAll(at, i -> quantiles.get(i).get(step));
    if (bound < at[0]) {
      double tail = levels.get(0);
      double width = Math.max(at[at.length - 1] - at[0], Double.MIN_NORMAL);
      return 1 - tail * Math.exp(-(at[0] - bound) / width * 4);
    }
    for (int i = 1; i < at.length; i++) {
      if (bound < at[i]) {
        double share = (bound - at[i - 1]) / (at[i] - at[i - 1]);
        return 1 - (levels.get(i - 1) + share * (levels.get(i) - levels.get(i - 1)));
      }
    }
    double tail = 1 - levels.get(levels.size() - 1);
    double width = Math.max(at[at.length - 1] - at[0], Double.MIN_NORMAL);
    return tail * Math.exp(-(bound - at[at.length - 1]) / width * 4);
  }
}
