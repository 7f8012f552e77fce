package io.foresplit.runtime.node;

import io.foresplit.runtime.proto.Activation;
import io.foresplit.runtime.tensor.Tensor;

/**
 * Tensors that another node sent, checked before anything is made of them. What does not fit is
 * refused with {@link IllegalArgumentException}. Pure.
 */
final class ReceivedTensors {
  private ReceivedTensors() {}

  /** Which samples, in the order of the rows. */
  static int[] indices(Activation message, int batchSize) {
    if (message.getIndicesCount() < 1 || message.getIndicesCount() > batchSize) {
      throw new IllegalArgumentException(
          "a batch has 1 to " + batchSize + " samples, was " + message.getIndicesCount());
    }
    return message.getIndicesList().stream().mapToInt(Integer::intValue).toArray();
  }

  /** Refuses a tensor without one row for each sample. */
  static void requireOneRowEach(Tensor tensor, int samples) {
    if (tensor.shape().length == 0 || tensor.shape()[0] != samples) {
      throw new IllegalArgumentException(
          "expected one row for each of " + samples + " samples, was " + tensor);
    }
  }

  /** Refuses more samples than a batch has. */
  static void requireRows(Tensor tensor, int batchSize) {
    if (tensor.shape().length == 0 || tensor.shape()[0] > batchSize) {
      throw new IllegalArgumentException(
          "a batch has 1 to " + batchSize + " samples, was " + tensor);
    }
  }
}
