package io.foresplit.runtime.compress;

import io.foresplit.contract.Compression;
import java.util.Arrays;

/**
 * A tensor with only its kept values. Forward it carries its mask; the gradient that comes back has
 * the same mask and so carries none (derived from SFT, arXiv 2501.09237).
 *
 * <p>Its size is about n (H(keep) + keep · bits) / 8 bytes for n values, where H is the binary
 * entropy, against 4 n.
 *
 * @param kept how many values
 * @param positions of the mask; empty when all are kept, and in a gradient
 */
@SuppressWarnings("ArrayRecordComponent") // bulk data of the hot path
public record SparseTensor(int kept, byte[] positions, Levels levels) {

  /** A tensor and which of its positions carry something. */
  @SuppressWarnings("ArrayRecordComponent")
  public record Values(float[] values, Mask mask) {}

  /**
   * Compresses an activation.
   *
   * @param values finite
   * @param mask of the largest of them
   * @param seed of the rounding
   */
  public static SparseTensor ofActivation(float[] values, Mask mask, int bits, long seed) {
    return new SparseTensor(
        mask.positions().length, mask.encode(), Levels.of(mask.gather(values), bits, seed));
  }

  /**
   * Compresses a gradient of what an activation's mask has kept.
   *
   * @param values finite where the mask keeps them
   * @param seed of the rounding
   */
  public static SparseTensor ofGradient(float[] values, Mask mask, int bits, long seed) {
    return new SparseTensor(
        mask.positions().length, new byte[0], Levels.of(mask.gather(values), bits, seed));
  }

  /**
   * Reads an activation; all values are finite, those that were not kept 0.
   *
   * @param length values of the whole tensor, bounded by the caller: it alone decides how much is
   *     allocated
   * @throws IllegalArgumentException in one line when it is no such tensor
   */
  public Values activation(int length) {
    if (kept < 1 || kept > length) {
      throw new IllegalArgumentException(
          "a tensor of " + length + " values keeps 1 to " + length + " of them, was " + kept);
    }
    Mask mask = Mask.decode(positions, length, kept);
    return new Values(mask.scatter(levels.values(kept)), mask);
  }

  /**
   * Reads a gradient; all values are finite, those that were not kept 0.
   *
   * @param mask of the activation
   * @throws IllegalArgumentException in one line when it is no gradient for this mask
   */
  public float[] gradient(Mask mask) {
    if (kept != mask.positions().length || positions.length > 0) {
      throw new IllegalArgumentException(
          "a gradient has the "
              + mask.positions().length
              + " positions of its activation and none of its own, was "
              + kept
              + " with "
              + positions.length
              + " bytes of positions");
    }
    return mask.scatter(levels.values(kept));
  }

  /** Bytes of positions and levels. */
  public int size() {
    return positions.length + levels.coded().length;
  }

  /**
   * The size that coding at the entropy of positions would give, without the range of the levels.
   *
   * @param values of the whole tensor
   * @param masked whether the mask is carried
   * @return bytes
   */
  public static double expectedSize(int values, Compression compression, boolean masked) {
    double keep = (double) compression.kept(values) / values;
    double entropy = masked ? entropy(keep) : 0;
    return values * (entropy + keep * compression.bits()) / Byte.SIZE;
  }

  private static double entropy(double share) {
    if (share <= 0 || share >= 1) {
      return 0;
    }
    return -(share * Math.log(share) + (1 - share) * Math.log(1 - share)) / Math.log(2);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SparseTensor tensor
        && kept == tensor.kept
        && Arrays.equals(positions, tensor.positions)
        && levels.equals(tensor.levels);
  }

  @Override
  public int hashCode() {
    return 31 * (31 * kept + Arrays.hashCode(positions)) + levels.hashCode();
  }

  @Override
  public String toString() {
    return "SparseTensor[" + kept + " kept, " + levels + "]";
  }
}
