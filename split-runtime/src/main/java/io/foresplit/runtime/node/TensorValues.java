package io.foresplit.runtime.node;

import com.google.protobuf.UnsafeByteOperations;
import io.foresplit.runtime.proto.TensorValue;
import io.foresplit.runtime.tensor.Tensor;

/** Tensors on the wire: float32, little-endian, row-major. */
final class TensorValues {
  private TensorValues() {}

  static TensorValue encode(Tensor tensor) {
    TensorValue.Builder value =
        TensorValue.newBuilder().setValues(UnsafeByteOperations.unsafeWrap(tensor.bytes()));
    for (long length : tensor.shape()) {
      value.addShape(length);
    }
    return value.build();
  }

  /** Throws {@link IllegalArgumentException} when the shape does not fit the values. */
  static Tensor decode(TensorValue value) {
    if (value.getShapeCount() > Tensor.MAX_RANK) {
      throw new IllegalArgumentException(
          "a tensor has at most " + Tensor.MAX_RANK + " dimensions, was " + value.getShapeCount());
    }
    return Tensor.of(
        value.getValues().toByteArray(),
        value.getShapeList().stream().mapToLong(Long::longValue).toArray());
  }
}
