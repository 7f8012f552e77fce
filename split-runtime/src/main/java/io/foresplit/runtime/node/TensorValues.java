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

  /** Throws when the shape does not fit the values. */
  static Tensor decode(TensorValue value) {
    return Tensor.of(
        value.getValues().toByteArray(),
        value.getShapeList().stream().mapToLong(Long::longValue).toArray());
  }
}
