package io.foresplit.forecaster;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * The last values of one series, bounded, NaN where one is missing. Values are kept to single
 * precision, so that a window read back from its bytes is the window written. Mutable, not
 * thread-safe.
 */
final class SeriesWindow {
  /** A series without values for so many intervals tells nothing of the present. */
  static final int FRESH_VALUES = 16;

  private final double[] ring;
  private int next;
  private int size;

  SeriesWindow(int capacity) {
    ring = new double[capacity];
  }

  void append(double value) {
    ring[next] = (float) value;
    next = (next + 1) % ring.length;
    size = Math.min(size + 1, ring.length);
  }

  void clear() {
    next = 0;
    size = 0;
  }

  /** Oldest first; the last one is of the interval closed last. */
  double[] values() {
    double[] result = new double[size];
    int first = Math.floorMod(next - size, ring.length);
    int untilEnd = Math.min(size, ring.length - first);
    System.arraycopy(ring, first, result, 0, untilEnd);
    System.arraycopy(ring, 0, result, untilEnd, size - untilEnd);
    return result;
  }

  double last() {
    return size == 0 ? Double.NaN : ring[Math.floorMod(next - 1, ring.length)];
  }

  void writeTo(DataOutput out) throws IOException {
    double[] values = values();
    out.writeShort(values.length);
    for (double value : values) {
      out.writeFloat((float) value);
    }
  }

  void readFrom(DataInput in) throws IOException {
    clear();
    int length = in.readShort();
    for (int i = 0; i < length; i++) {
      append(in.readFloat());
    }
  }
}
