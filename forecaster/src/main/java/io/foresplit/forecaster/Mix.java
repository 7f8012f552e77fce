package io.foresplit.forecaster;

import java.util.List;

/**
 * Shares of the forecasters of a panel in one forecast.
 *
 * @param weights one a forecaster, not negative, of sum 1; not to be changed
 */
@SuppressWarnings("ArrayRecordComponent") // made and used within one tick, never compared
record Mix(double[] weights) {
  /** All of one forecaster. */
  static Mix only(int forecaster, int of) {
    double[] weights = new double[of];
    weights[forecaster] = 1;
    return new Mix(weights);
  }

  /** The weighted mean of quantiles, level by level (Vincent 1912). */
  Quantiles of(List<Quantiles> said) {
    double[][] rows = new double[Quantiles.LEVELS.size()][said.get(0).horizon()];
    for (int i = 0; i < weights.length; i++) {
      if (weights[i] > 0) {
        for (int level = 0; level < rows.length; level++) {
          for (int h = 0; h < rows[level].length; h++) {
            rows[level][h] += weights[i] * said.get(i).at(level, h);
          }
        }
      }
    }
    return new Quantiles(rows);
  }
}
