package io.foresplit.forecaster;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * A forecast that serves for some intervals, on the model scale of its series, to single precision,
 * so that it says the same when it was stored in between.
 *
 * @param made interval it was made at
 * @param rows one a level; not to be changed
 * @param forecaster who made it
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record KeptForecast(long made, float[][] rows, String forecaster) {
  static KeptForecast of(long made, Quantiles quantiles, String forecaster) {
    float[][] rows = new float[Quantiles.LEVELS.size()][quantiles.horizon()];
    for (int level = 0; level < rows.length; level++) {
      for (int h = 0; h < rows[level].length; h++) {
        rows[level][h] = PendingForecasts.toFloat(quantiles.at(level, h));
      }
    }
    return new KeptForecast(made, rows, forecaster);
  }

  /** What it says of the intervals after another one, not before it was made. */
  Quantiles at(long now) {
    double[][] said = new double[rows.length][rows[0].length];
    int age = (int) (now - made);
    for (int level = 0; level < said.length; level++) {
      for (int h = 0; h < said[level].length; h++) {
        said[level][h] = rows[level][Math.min(h + age, said[level].length - 1)];
      }
    }
    return new Quantiles(said);
  }

  void writeTo(DataOutput out) throws IOException {
    out.writeLong(made);
    out.writeUTF(forecaster);
    out.writeShort(rows[0].length);
    for (float[] row : rows) {
      for (float value : row) {
        out.writeFloat(value);
      }
    }
  }

  static KeptForecast readFrom(DataInput in) throws IOException {
    long made = in.readLong();
    String forecaster = in.readUTF();
    float[][] rows = new float[Quantiles.LEVELS.size()][in.readShort()];
    for (float[] row : rows) {
      for (int h = 0; h < row.length; h++) {
        row[h] = in.readFloat();
      }
    }
    return new KeptForecast(made, rows, forecaster);
  }
}
