package io.foresplit.runtime.node;

import io.foresplit.runtime.proto.Activation;
import io.foresplit.runtime.proto.Gradient;
import io.foresplit.runtime.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

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

  /** One row for each sample. */
  static Tensor activation(Activation message, int samples) {
    Tensor tensor = TensorValues.decode(message.getOutput());
    if (tensor.shape().length == 0 || tensor.shape()[0] != samples) {
      throw new IllegalArgumentException(
          "expected one row for each of " + samples + " samples, was " + tensor);
    }
    return tensor;
  }

  /** Refuses more samples than a batch has. */
  static void requireRows(Tensor tensor, int batchSize) {
    if (tensor.shape().length == 0 || tensor.shape()[0] > batchSize) {
      throw new IllegalArgumentException(
          "a batch has 1 to " + batchSize + " samples, was " + tensor);
    }
  }

  /**
   * The gradient of what was sent.
   *
   * @param sentShape shape of what was sent
   */
  static Tensor gradient(Gradient message, List<Long> sentShape) {
    Tensor tensor = TensorValues.decode(message.getGradient());
    if (!shape(tensor).equals(sentShape)) {
      throw new IllegalArgumentException(
          "expected a gradient of the shape " + sentShape + ", was " + tensor);
    }
    return tensor;
  }

  static List<Long> shape(Tensor tensor) {
    return Arrays.stream(tensor.shape()).boxed().toList();
  }
}
