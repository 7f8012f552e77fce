package io.foresplit.runtime.compress;

import io.foresplit.contract.Compression;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Values rounded at random to one of 2<sup>bits</sup> equidistant levels between the least and the
 * greatest of them, so that the mean over the randomness is the value: u = s (x − least) /
 * (greatest − least) with s = 2<sup>bits</sup> − 1, and the level is floor(u) + Bernoulli(u −
 * floor(u)) (derived from SFT, arXiv 2501.09237; stochastic quantisation as in QSGD, arXiv
 * 1610.02132).
 *
 * @param coded levels, {@code bits} each, most significant first, deflated; not copied
 */
@SuppressWarnings("ArrayRecordComponent") // bulk data of the hot path
public record Levels(int bits, float least, float greatest, byte[] coded) {
  public Levels {
    if (bits < 1 || bits > Compression.MAX_BITS) {
      throw new IllegalArgumentException(
          "levels have 1 to " + Compression.MAX_BITS + " bits, was " + bits);
    }
    if (!Float.isFinite(least) || !Float.isFinite(greatest) || least > greatest) {
      throw new IllegalArgumentException(
          "levels lie between two finite numbers, was " + least + " to " + greatest);
    }
  }

  /**
   * Rounds values.
   *
   * @param values at least one, each finite
   * @param seed of the rounding: the same gives the same
   */
  static Levels of(float[] values, int bits, long seed) {
    float least = Float.POSITIVE_INFINITY;
    float greatest = Float.NEGATIVE_INFINITY;
    for (int i = 0; i < values.length; i++) {
      if (!Float.isFinite(values[i])) {
        throw new IllegalArgumentException(
            "only finite values can be compressed, kept value " + i + " was " + values[i]);
      }
      least = Math.min(least, values[i]);
      greatest = Math.max(greatest, values[i]);
    }
    int top = (1 << bits) - 1;
    double scale = greatest > least ? top / ((double) greatest - least) : 0;
    SplittableRandom random = new SplittableRandom(seed);
    BitPacker packer = new BitPacker(values.length, bits);
    for (float value : values) {
      double u = scale * ((double) value - least);
      double floor = Math.floor(u);
      int level = (int) floor + (random.nextDouble() < u - floor ? 1 : 0);
      packer.add(Math.min(level, top));
    }
    return new Levels(bits, least, greatest, Deflation.deflate(packer.finish()));
  }

  /**
   * The values, each finite and between least and greatest.
   *
   * @param count how many there are to be
   * @throws IllegalArgumentException in one line when there are not
   */
  float[] values(int count) {
    float[] values = new float[count];
    int top = (1 << bits) - 1;
    double step = ((double) greatest - least) / top;
    try (Deflation.Reader in = new Deflation.Reader(coded, "levels")) {
      int held = 0;
      int heldBits = 0;
      for (int i = 0; i < count; i++) {
        while (heldBits < bits) {
          held = (held << Byte.SIZE) | in.read();
          heldBits += Byte.SIZE;
        }
        heldBits -= bits;
        int level = (held >>> heldBits) & top;
        held &= (1 << heldBits) - 1;
        values[i] = level == top ? greatest : (float) (least + level * step);
      }
      in.end();
    }
    return values;
  }

  /** Puts numbers of some bits one after the other, the last byte filled up with 0. */
  private static final class BitPacker {
    private final byte[] bytes;
    private final int bits;
    private int held;
    private int heldBits;
    private int at;

    BitPacker(int count, int bits) {
      this.bits = bits;
      bytes = new byte[Math.toIntExact(((long) count * bits + Byte.SIZE - 1) / Byte.SIZE)];
    }

    void add(int number) {
      held = (held << bits) | number;
      heldBits += bits;
      while (heldBits >= Byte.SIZE) {
        heldBits -= Byte.SIZE;
        bytes[at++] = (byte) (held >>> heldBits);
        held &= (1 << heldBits) - 1;
      }
    }

    byte[] finish() {
      if (heldBits > 0) {
        bytes[at] = (byte) (held << (Byte.SIZE - heldBits));
      }
      return bytes;
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Levels levels
        && bits == levels.bits
        && least == levels.least
        && greatest == levels.greatest
        && Arrays.equals(coded, levels.coded);
  }

  @Override
  public int hashCode() {
    return 31 * (31 * Float.hashCode(least) + Float.hashCode(greatest)) + Arrays.hashCode(coded);
  }

  @Override
  public String toString() {
    return "Levels[" + bits + " bits, " + least + " to " + greatest + "]";
  }
}
