package io.foresplit.runtime.data;

import io.foresplit.runtime.tensor.Tensor;

/** Labelled images of 1 × 28 × 28. Thread-safe. */
public interface Dataset {
  /** For people: which data it is and where it comes from. */
  String description();

  int size();

  /**
   * The images, batch × 1 × 28 × 28, mean about 0 and variance about 1.
   *
   * @throws IndexOutOfBoundsException when an index is not within the size
   */
  Tensor batch(int[] indices);

  /** The class of each, 0 to 9. */
  int[] labels(int[] indices);
}
