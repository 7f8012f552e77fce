package io.foresplit.runtime.tensor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Dense floats in row-major order, as they travel between nodes. The array is handed over, not
 * copied: whoever makes a tensor lets go of it.
 *
 * @param shape each dimension at least 1
 */
@SuppressWarnings("ArrayRecordComponent") // bulk data of the hot path
public record Tensor(float[] data, long[] shape) {
  /** Most dimensions of a tensor. */
  public static final int MAX_RANK = 8;

  public Tensor {
    if (elements(shape) != data.length) {
      throw new IllegalArgumentException(
          "shape " + Arrays.toString(shape) + " does not hold " + data.length + " values");
    }
  }

  /** Little-endian floats. */
  public static Tensor of(byte[] bytes, long[] shape) {
    if (bytes.length % Float.BYTES != 0 || bytes.length / Float.BYTES != elements(shape)) {
      throw new IllegalArgumentException(
          "shape " + Arrays.toString(shape) + " does not fit " + bytes.length + " bytes");
    }
    float[] data = new float[bytes.length / Float.BYTES];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(data);
    return new Tensor(data, shape);
  }

  /** Little-endian floats. */
  public byte[] bytes() {
    ByteBuffer buffer =
        ByteBuffer.allocate(data.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    buffer.asFloatBuffer().put(data);
    return buffer.array();
  }

  /** Mean of all values. */
  public double mean() {
    double sum = 0;
    for (float value : data) {
      sum += value;
    }
    return sum / data.length;
  }

  /** Variance of all values around their mean. */
  public double variance() {
    double mean = mean();
    double sum = 0;
    for (float value : data) {
      sum += (value - mean) * (value - mean);
    }
    return sum / data.length;
  }

  private static long elements(long[] shape) {
    if (shape.length > MAX_RANK) {
      throw new IllegalArgumentException(
          "a tensor has at most " + MAX_RANK + " dimensions, was " + shape.length);
    }
    long elements = 1;
    for (long dimension : shape) {
      if (dimension < 1) {
        throw new IllegalArgumentException(
            "dimensions must be at least 1, was " + Arrays.toString(shape));
      }
      if (dimension > Integer.MAX_VALUE / elements) {
        throw new IllegalArgumentException(
            "a tensor has fewer than 2^31 values, was " + Arrays.toString(shape));
      }
      elements *= dimension;
    }
    return elements;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Tensor t
        && Arrays.equals(data, t.data)
        && Arrays.equals(shape, t.shape);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(data) + Arrays.hashCode(shape);
  }

  @Override
  public String toString() {
    return "Tensor" + Arrays.toString(shape);
  }
}
