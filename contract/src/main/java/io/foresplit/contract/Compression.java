package io.foresplit.contract;

/**
 * How what crosses a link in training is made smaller: of each tensor the largest values by
 * magnitude are kept, and these are rounded at random, without bias, to a few levels.
 *
 * @param keep share of the values that is kept, in (0, 1]
 * @param bits of one kept value, 1 to 16
 */
public record Compression(double keep, int bits) {
  public static final int MAX_BITS = 16;

  /** So that a share of 0.1 of 30 values is 3, not the 4 that binary fractions make of it. */
  private static final double ROUNDING = 1e-12;

  public Compression {
    if (!(keep > 0 && keep <= 1)) {
      throw new IllegalArgumentException("compression keep must be in (0, 1], was " + keep);
    }
    if (bits < 1 || bits > MAX_BITS) {
      throw new IllegalArgumentException(
          "compression bits must be in [1, " + MAX_BITS + "], was " + bits);
    }
  }

  /** How many of so many values are kept: their share, rounded up; at least one. */
  public int kept(int values) {
    return Math.max(1, (int) Math.ceil(keep * values * (1 - ROUNDING)));
  }

  /** The less of both in each respect, for what crosses several links. */
  public Compression and(Compression other) {
    return new Compression(Math.min(keep, other.keep), Math.min(bits, other.bits));
  }

  @Override
  public String toString() {
    return "keep " + keep + ", " + bits + " bits";
  }
}
