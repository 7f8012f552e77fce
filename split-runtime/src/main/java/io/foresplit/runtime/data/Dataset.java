package io.foresplit.runtime.data;

import io.foresplit.runtime.tensor.Tensor;

/**
 * Labelled samples: images of one class each, or text of which each next symbol is a label.
 * Thread-safe.
 */
public interface Dataset {
  /** Classes of images. */
  int IMAGE_CLASSES = 10;

  /** For people: which data it is and where it comes from. */
  String description();

  int size();

  /**
   * The samples, batch first: images of channels × side × side with mean about 0 and variance about
   * 1, or the symbols of a text as whole numbers.
   *
   * @throws IndexOutOfBoundsException when an index is not within the size
   */
  Tensor batch(int[] indices);

  /** The class of each sample, or of each position of each sample, in order. */
  int[] labels(int[] indices);

  /** Labels are 0 to one less. */
  default int classes() {
    return IMAGE_CLASSES;
  }
}
