package io.foresplit.forecaster;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What was said of a series and waits for its truth: at a few distances ahead, of every forecaster
 * and of their mix. One forecast in {@value #SPACING} intervals is kept. Values are kept to single
 * precision. Mutable, not thread-safe.
 */
final class PendingForecasts {
  private static final int SPACING = 8;
  private static final int[] NEAR = {3, 8};

  /** Larger amounts are kept as this, a number of single precision. */
  private static final double MOST = 1e30;

  private final int[] lags;
  private final Deque<Said> pending = new ArrayDeque<>();
  private long lastSaid = Long.MIN_VALUE / 2;

  /**
   * @param due interval of the truth
   * @param lag number of its distance ahead
   * @param columns one of values by level for each forecaster, then one for the mix
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Said(long due, int lag, float[][] columns) {}

  /** Is told of a truth that became known. */
  interface Judge {
    /**
     * Learns from it.
     *
     * @param lag number of the distance ahead, from 0
     * @param step intervals ahead less one
     * @param said values by level, one array a forecaster, then one for the mix
     */
    void judge(int lag, int step, List<double[]> said, double actual);
  }

  PendingForecasts(int horizon) {
    lags =
        IntStream.concat(Arrays.stream(NEAR), IntStream.of(horizon))
            .map(lag -> Math.min(lag, horizon))
            .distinct()
            .toArray();
  }

  /** Number of distances ahead. */
  int lags() {
    return lags.length;
  }

  /** Keeps what was said at an interval, unless something was just before. */
  void add(long now, List<Quantiles> said, Quantiles mixed) {
    if (now < lastSaid + SPACING) {
      return;
    }
    lastSaid = now;
    for (int lag = 0; lag < lags.length; lag++) {
      float[][] columns = new float[said.size() + 1][];
      for (int i = 0; i < columns.length; i++) {
        Quantiles quantiles = i < said.size() ? said.get(i) : mixed;
        columns[i] = toFloats(quantiles.column(lags[lag] - 1));
      }
      pending.add(new Said(now + lags[lag], lag, columns));
    }
  }

  /**
   * Compares what is due with the truth, and forgets it. What was said before the window began,
   * such as before a move, is not compared, nor what has no truth.
   *
   * @param now interval of the last value of the window
   */
  void settle(long now, double[] window, Judge judge) {
    for (Iterator<Said> each = pending.iterator(); each.hasNext(); ) {
      Said said = each.next();
      if (said.due() <= now) {
        each.remove();
        long at = window.length - 1 - (now - said.due());
        int lag = lags[said.lag()];
        if (at >= lag && !Double.isNaN(window[(int) at])) {
          List<double[]> columns =
              Arrays.stream(said.columns()).map(PendingForecasts::toDoubles).toList();
          judge.judge(said.lag(), lag - 1, columns, window[(int) at]);
        }
      }
    }
  }

  private static float[] toFloats(double[] values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      floats[i] = toFloat(values[i]);
    }
    return floats;
  }

  /** In single precision, finite. */
  static float toFloat(double value) {
    return (float) Math.max(-MOST, Math.min(MOST, value));
  }

  private static double[] toDoubles(float[] values) {
    double[] doubles = new double[values.length];
    Arrays.setAll(doubles, i -> values[i]);
    return doubles;
  }

  void writeTo(DataOutput out) throws IOException {
    out.writeLong(lastSaid);
    out.writeShort(pending.size());
    for (Said said : pending) {
      out.writeLong(said.due());
      out.writeByte(said.lag());
      out.writeByte(said.columns().length);
      for (float[] column : said.columns()) {
        for (float value : column) {
          out.writeFloat(value);
        }
      }
    }
  }

  void readFrom(DataInput in) throws IOException {
    pending.clear();
    lastSaid = in.readLong();
    for (int left = in.readShort(); left > 0; left--) {
      long due = in.readLong();
      int lag = in.readByte();
      float[][] columns = new float[in.readByte()][Quantiles.LEVELS.size()];
      for (float[] column : columns) {
        for (int level = 0; level < column.length; level++) {
          column[level] = in.readFloat();
        }
      }
      pending.add(new Said(due, lag, columns));
    }
  }
}
