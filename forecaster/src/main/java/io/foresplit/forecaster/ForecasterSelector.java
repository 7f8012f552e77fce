package io.foresplit.forecaster;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/**
 * Chooses the forecaster of one series by recent error, and widens or narrows its quantiles by how
 * far the truth lay from them. Scores come from backtests on the window itself: what would have
 * been said a few intervals ago about now. Mutable, not thread-safe.
 */
final class ForecasterSelector {
  private static final int LAG = 8;
  private static final double MEMORY = 0.05;

  /** A challenger must be this much better before it takes over. */
  private static final double TAKE_OVER = 0.85;

  /** Mean absolute error over half the quartile distance, of a calibrated normal forecast. */
  private static final double CALIBRATED = 1.183;

  private static final double MOST_SURPRISE = 4;

  private final double[] losses;
  private final double[] surprises;
  private final int lag;
  private int chosen;

  ForecasterSelector(int forecasters) {
    this(forecasters, LAG);
  }

  /**
   * @param lag intervals ahead at which the forecasters are judged, positive
   */
  ForecasterSelector(int forecasters, int lag) {
    this.lag = lag;
    losses = new double[forecasters];
    surprises = new double[forecasters];
    Arrays.fill(surprises, CALIBRATED);
  }

  /**
   * Scores all forecasters on the newest value.
   *
   * @param healthy outside the healthy range errors are of the change, not of the noise, and teach
   *     nothing about calibration
   */
  void learn(List<Forecaster> forecasters, double[] window, int leastValues, boolean healthy) {
    int past = window.length - lag;
    if (past <= 0 || !healthy || Double.isNaN(window[window.length - 1])) {
      return;
    }
    double[] known = Arrays.copyOf(window, past);
    if (Robust.countPresent(known) < leastValues) {
      return;
    }
    double actual = window[window.length - 1];
    for (int i = 0; i < losses.length; i++) {
      Quantiles said = forecasters.get(i).forecast(known, lag);
      double loss = said.pinball(lag - 1, actual);
      losses[i] = losses[i] == 0 ? loss : losses[i] + MEMORY * (loss - losses[i]);
      double error = Math.abs(actual - said.median(lag - 1));
      double surprise = Math.min(error / Math.max(said.halfSpread(lag - 1), 1e-9), MOST_SURPRISE);
      surprises[i] += MEMORY * (surprise - surprises[i]);
    }
    for (int i = 0; i < losses.length; i++) {
      if (losses[i] < TAKE_OVER * losses[chosen]) {
        chosen = i;
      }
    }
  }

  /**
   * The choice for a window.
   *
   * @param trending outside its healthy range a series is followed by the first forecaster, which
   *     sees a bend soonest; the past of the others is of no use then
   */
  Forecaster choose(List<Forecaster> forecasters, boolean trending) {
    return forecasters.get(trending ? 0 : chosen);
  }

  Quantiles calibrated(Quantiles quantiles, boolean trending) {
    double factor = surprises[trending ? 0 : chosen] / CALIBRATED;
    return quantiles.widened(Math.min(Math.max(factor, 0.7), 1.5));
  }

  void writeTo(DataOutput out) throws IOException {
    out.writeByte(chosen);
    for (int i = 0; i < losses.length; i++) {
      out.writeDouble(losses[i]);
      out.writeDouble(surprises[i]);
    }
  }

  void readFrom(DataInput in) throws IOException {
    chosen = in.readByte();
    for (int i = 0; i < losses.length; i++) {
      losses[i] = in.readDouble();
      surprises[i] = in.readDouble();
    }
  }
}
