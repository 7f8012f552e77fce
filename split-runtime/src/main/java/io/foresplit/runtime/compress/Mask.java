package io.foresplit.runtime.compress;

import io.foresplit.contract.Compression;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/**
 * Which positions of a tensor are kept. Immutable, and thread-safe.
 *
 * @param length values of the whole tensor
 * @param positions rising, each in [0, length); handed over, not copied
 */
@SuppressWarnings("ArrayRecordComponent") // bulk data of the hot path
public record Mask(int length, int[] positions) {
  private static final int HALF = 16;

  public Mask {
    if (positions.length < 1 || positions.length > length) {
      throw new IllegalArgumentException(
          "a mask keeps 1 to " + length + " positions, was " + positions.length);
    }
    int before = -1;
    for (int position : positions) {
      if (position <= before || position >= length) {
        throw new IllegalArgumentException(
            "positions of a mask must rise and be below "
                + length
                + ", was "
                + position
                + " after "
                + before);
      }
      before = position;
    }
  }

  /**
   * Keeps the largest values by magnitude; of equal ones the first.
   *
   * @param values finite
   */
  public static Mask ofLargest(float[] values, Compression compression) {
    int kept = compression.kept(values.length);
    int[] positions = new int[kept];
    if (kept == values.length) {
      Arrays.setAll(positions, i -> i);
      return new Mask(values.length, positions);
    }
    Threshold threshold = Threshold.of(values, kept);
    int equal = threshold.equal();
    int next = 0;
    for (int i = 0; i < values.length; i++) {
      int magnitude = magnitude(values[i]);
      if (magnitude > threshold.least() || (magnitude == threshold.least() && equal-- > 0)) {
        positions[next++] = i;
      }
    }
    return new Mask(values.length, positions);
  }

  /**
   * Grows with the magnitude of a number: the order of floats without sign is that of their bits.
   */
  private static int magnitude(float value) {
    return Float.floatToRawIntBits(value) & Integer.MAX_VALUE;
  }

  /**
   * The least magnitude that is kept, and how many of exactly that are. Found by counting the
   * upper, then the lower half of the bits, so in linear time whatever the values.
   */
  private record Threshold(int least, int equal) {
    static Threshold of(float[] values, int kept) {
      int[] counts = new int[1 << (Integer.SIZE - HALF - 1)];
      for (float value : values) {
        counts[magnitude(value) >>> HALF]++;
      }
      int left = kept;
      int upper = counts.length - 1;
      while (counts[upper] < left) {
        left -= counts[upper--];
      }
      int[] lower = new int[1 << HALF];
      for (float value : values) {
        if (magnitude(value) >>> HALF == upper) {
          lower[magnitude(value) & (lower.length - 1)]++;
        }
      }
      int low = lower.length - 1;
      while (lower[low] < left) {
        left -= lower[low--];
      }
      return new Threshold((upper << HALF) | low, left);
    }
  }

  /** The values at the kept positions, in order. */
  float[] gather(float[] values) {
    if (values.length != length) {
      throw new IllegalArgumentException(
          "a mask of " + length + " values does not fit " + values.length);
    }
    float[] kept = new float[positions.length];
    for (int i = 0; i < kept.length; i++) {
      kept[i] = values[positions[i]];
    }
    return kept;
  }

  /** The whole tensor: kept values at their positions, 0 elsewhere. */
  float[] scatter(float[] kept) {
    float[] values = new float[length];
    for (int i = 0; i < kept.length; i++) {
      values[positions[i]] = kept[i];
    }
    return values;
  }

  /**
   * The gaps between positions as variable-length numbers of 7 bits a byte, deflated; nothing when
   * all positions are kept.
   */
  byte[] encode() {
    if (positions.length == length) {
      return new byte[0];
    }
    ByteArrayOutputStream gaps = new ByteArrayOutputStream(positions.length + 16);
    int before = -1;
    for (int position : positions) {
      int gap = position - before - 1;
      while (gap > 0x7f) {
        gaps.write((gap & 0x7f) | 0x80);
        gap >>>= 7;
      }
      gaps.write(gap);
      before = position;
    }
    return Deflation.deflate(gaps.toByteArray());
  }

  /**
   * Reads what {@link #encode} wrote; allocates no more than {@code kept} numbers, whatever comes.
   *
   * @param kept 1 to {@code length}, as checked by the caller
   * @throws IllegalArgumentException in one line when it is no such thing
   */
  static Mask decode(byte[] encoded, int length, int kept) {
    int[] positions = new int[kept];
    if (kept == length) {
      if (encoded.length > 0) {
        throw new IllegalArgumentException(
            "all " + length + " values are kept, but there are bytes of positions");
      }
      Arrays.setAll(positions, i -> i);
      return new Mask(length, positions);
    }
    try (Deflation.Reader gaps = new Deflation.Reader(encoded, "positions")) {
      long before = -1;
      for (int i = 0; i < kept; i++) {
        before += 1L + gap(gaps);
        if (before >= length) {
          throw new IllegalArgumentException(
              "positions must be below " + length + ", number " + i + " was " + before);
        }
        positions[i] = (int) before;
      }
      gaps.end();
    }
    return new Mask(length, positions);
  }

  private static long gap(Deflation.Reader gaps) {
    long gap = 0;
    for (int shift = 0; shift < Integer.SIZE; shift += 7) {
      int next = gaps.read();
      gap |= (long) (next & 0x7f) << shift;
      if (next < 0x80) {
        return gap;
      }
    }
    throw new IllegalArgumentException("a gap between positions has more than 5 bytes");
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Mask mask
        && length == mask.length
        && Arrays.equals(positions, mask.positions);
  }

  @Override
  public int hashCode() {
    return 31 * length + Arrays.hashCode(positions);
  }

  @Override
  public String toString() {
    return "Mask[" + positions.length + " of " + length + "]";
  }
}
