package io.foresplit.forecaster;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;

/**
 * Corrects the quantiles of a series by how often the truth lay below them: online conformal
 * calibration by quantile tracking (Gibbs and Candès 2021; Angelopoulos, Candès and Tibshirani
 * 2023; decaying steps after Angelopoulos, Barber and Bates 2024). Each level of each band of steps
 * ahead is moved by an offset in units of the forecast's own spread, up a little when the truth
 * lies above, down when below, so that in the long run the share below is the level, whatever the
 * series does. Levels never cross. The median is the forecast whose squared error is judged, so it
 * stays where it was while it lies between the second and the eighth decile; the levels next to it
 * yield to it. Mutable, not thread-safe.
 */
final class Calibration {
  /** Last step ahead of each band but the last. */
  private static final int[] BAND_ENDS = {4, 16};

  private static final int BANDS = BAND_ENDS.length + 1;
  private static final int LEVELS = Quantiles.LEVELS.size();

  /** Step of an offset after n truths: the first over the root of n, and no less than the least. */
  private static final double FIRST_STEP = 0.25;

  private static final double LEAST_STEP = 0.02;

  /** Weight of a truth in the measured coverage. */
  private static final double COVERAGE_MEMORY = 0.02;

  /** The outer levels, so many and one at each end, do not yield to the median. */
  private static final int FREE = 1;

  private static final double LEAST_SPREAD = 1e-9;

  /** Bound of an offset unless said otherwise, in sigmas. */
  private static final double MOST_OFFSET = 8;

  private final double mostOffset;
  private final float[][] offsets = new float[BANDS][LEVELS];
  private final float[][] below = new float[BANDS][LEVELS];
  private final int[] learnt = new int[BANDS];

  Calibration() {
    this(MOST_OFFSET);
  }

  /**
   * @param mostOffset bound of an offset, in standard deviations of a normal forecast
   */
  Calibration(double mostOffset) {
    this.mostOffset = mostOffset;
    for (float[] band : below) {
      for (int level = 0; level < LEVELS; level++) {
        band[level] = Quantiles.LEVELS.get(level).floatValue();
      }
    }
  }

  /**
   * A truth became known.
   *
   * @param step intervals ahead less one at which it had been forecast
   * @param said what was forecast, before calibration, one value a level
   * @param actual NaN when it is missing, which teaches nothing
   */
  void learn(int step, double[] said, double actual) {
    if (Double.isNaN(actual)) {
      return;
    }
    int band = band(step);
    double[] adjusted = said.clone();
    adjust(adjusted, band);
    double spread = spread(said);
    learnt[band] = Math.min(learnt[band] + 1, Short.MAX_VALUE);
    double pace = Math.max(FIRST_STEP / Math.sqrt(learnt[band]), LEAST_STEP);
    double memory = Math.max(COVERAGE_MEMORY, 1.0 / learnt[band]);
    for (int level = 0; level < LEVELS; level++) {
      float offset = offsets[band][level];
      double hit = actual <= said[level] + offset * spread ? 1 : 0;
      double moved = offset + pace * (Quantiles.LEVELS.get(level) - hit);
      offsets[band][level] = (float) Math.max(-mostOffset, Math.min(mostOffset, moved));
      double covered = actual <= adjusted[level] ? 1 : 0;
      below[band][level] += (float) (memory * (covered - below[band][level]));
    }
  }

  /** Quantiles moved by what was learnt. */
  Quantiles adjusted(Quantiles said) {
    double[][] rows = new double[LEVELS][said.horizon()];
    for (int h = 0; h < said.horizon(); h++) {
      double[] column = said.column(h);
      adjust(column, band(h));
      for (int level = 0; level < LEVELS; level++) {
        rows[level][h] = column[level];
      }
    }
    return new Quantiles(rows);
  }

  private void adjust(double[] column, int band) {
    double median = column[Quantiles.MEDIAN];
    double spread = spread(column);
    for (int level = 0; level < LEVELS; level++) {
      column[level] += offsets[band][level] * spread;
    }
    Arrays.sort(column);
    double kept = Math.min(Math.max(median, column[FREE]), column[LEVELS - 1 - FREE]);
    for (int level = FREE + 1; level < LEVELS - 1 - FREE; level++) {
      column[level] =
          level < Quantiles.MEDIAN
              ? Math.min(column[level], kept)
              : level > Quantiles.MEDIAN ? Math.max(column[level], kept) : kept;
    }
  }

  /**
   * Share of recent truths at or below a level after calibration; the level itself before any.
   *
   * @param step intervals ahead less one; the share is that of its band
   */
  double coverage(int level, int step) {
    return below[band(step)][level];
  }

  /** Whether truths have become known at the distance of a step. */
  boolean hasLearnt(int step) {
    return learnt[band(step)] > 0;
  }

  private static double spread(double[] column) {
    return Math.max(Quantiles.spread(column), LEAST_SPREAD);
  }

  private static int band(int step) {
    int band = 0;
    while (band < BAND_ENDS.length && step >= BAND_ENDS[band]) {
      band++;
    }
    return band;
  }

  void writeTo(DataOutput out) throws IOException {
    for (int band = 0; band < BANDS; band++) {
      out.writeShort(learnt[band]);
      for (int level = 0; level < LEVELS; level++) {
        out.writeFloat(offsets[band][level]);
        out.writeFloat(below[band][level]);
      }
    }
  }

  void readFrom(DataInput in) throws IOException {
    for (int band = 0; band < BANDS; band++) {
      learnt[band] = in.readShort();
      for (int level = 0; level < LEVELS; level++) {
        offsets[band][level] = in.readFloat();
        below[band][level] = in.readFloat();
      }
    }
  }
}
