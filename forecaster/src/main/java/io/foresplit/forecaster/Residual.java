package io.foresplit.forecaster;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * One series beside what was usual of it: a centre and a variance that follow slowly, of values cut
 * off at some sigmas, so that what degrades is not soon taken for usual; and the error of
 * forecasting the next value by simple exponential smoothing (Brown 1956). Mutable, not
 * thread-safe.
 */
final class Residual {
  private static final int LEAST_VALUES = 16;
  private static final double MEMORY = 1.0 / 128;
  private static final double SMOOTHING = 0.3;
  private static final double MOST_SIGMAS = 3;
  private static final double LEAST_SIGMA = 0.02;
  private static final double LEAST_SHARE = 0.01;

  private double center;
  private double variance;
  private double level;
  private double error;
  private double scale = 1;
  private int count;
  private int missed;

  /** An interval without a value. */
  void miss() {
    missed = Math.min(missed + 1, SeriesWindow.FRESH_VALUES);
  }

  /**
   * The value of an interval on the model scale.
   *
   * @param logarithmic whether that scale is the logarithm
   * @param learn whether it counts as usual
   */
  void observe(double value, boolean logarithmic, boolean learn) {
    if (count == 0 || missed == SeriesWindow.FRESH_VALUES) {
      level = value;
    }
    missed = 0;
    double sigma = sigma(logarithmic);
    error = isKnown() ? (value - level) / sigma : 0;
    level += SMOOTHING * (value - level);
    if (!learn) {
      return;
    }
    count = Math.min(count + 1, Short.MAX_VALUE);
    double weight = Math.max(MEMORY, 1.0 / count);
    double apart = value - center;
    if (isKnown()) {
      apart = Math.max(-MOST_SIGMAS * sigma, Math.min(MOST_SIGMAS * sigma, apart));
    }
    center += weight * apart;
    variance += weight * ((1 - weight) * apart * apart - variance);
    scale = sigma(logarithmic);
  }

  private double sigma(boolean logarithmic) {
    double least = logarithmic ? LEAST_SIGMA : LEAST_SHARE * Math.abs(center) + 1e-6;
    return Math.max(Math.sqrt(Math.max(0, variance)), least);
  }

  private boolean isKnown() {
    return count >= LEAST_VALUES;
  }

  /** Whether enough is known of what is usual, and of the present. */
  boolean tells() {
    return isKnown() && missed < SeriesWindow.FRESH_VALUES;
  }

  /** Sigmas that the present level lies above the usual one. */
  double level() {
    return (level - center) / scale;
  }

  /** Sigmas that the last value lies above its forecast. */
  double error() {
    return error;
  }

  void writeTo(DataOutput out) throws IOException {
    out.writeDouble(center);
    out.writeDouble(variance);
    out.writeDouble(level);
    out.writeDouble(error);
    out.writeDouble(scale);
    out.writeInt(count);
    out.writeByte(missed);
  }

  static Residual readFrom(DataInput in) throws IOException {
    Residual residual = new Residual();
    residual.center = in.readDouble();
    residual.variance = in.readDouble();
    residual.level = in.readDouble();
    residual.error = in.readDouble();
    residual.scale = in.readDouble();
    residual.count = in.readInt();
    residual.missed = in.readByte();
    return residual;
  }
}
