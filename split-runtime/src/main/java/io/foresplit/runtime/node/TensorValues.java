package io.foresplit.runtime.node;

import com.google.protobuf.UnsafeByteOperations;
import io.foresplit.runtime.compress.Levels;
import io.foresplit.runtime.compress.SparseTensor;
import io.foresplit.runtime.proto.SparseValues;
import io.foresplit.runtime.proto.TensorValue;
import io.foresplit.runtime.tensor.Tensor;

/** Tensors on the wire: float32, little-endian, row-major; or only the kept values. */
final class TensorValues {
  private TensorValues() {}

  static TensorValue encode(Tensor tensor) {
    return shaped(tensor).setValues(UnsafeByteOperations.unsafeWrap(tensor.bytes())).build();
  }

  /** The message of a compressed tensor. */
  static TensorValue encode(Tensor tensor, SparseTensor sparse) {
    Levels levels = sparse.levels();
    return shaped(tensor)
        .setSparse(
            SparseValues.newBuilder()
                .setKept(sparse.kept())
                .setBits(levels.bits())
                .setLeast(levels.least())
                .setGreatest(levels.greatest())
                .setPositions(UnsafeByteOperations.unsafeWrap(sparse.positions()))
                .setLevels(UnsafeByteOperations.unsafeWrap(levels.coded())))
        .build();
  }

  private static TensorValue.Builder shaped(Tensor tensor) {
    TensorValue.Builder value = TensorValue.newBuilder();
    for (long length : tensor.shape()) {
      value.addShape(length);
    }
    return value;
  }

  /** Throws when the shape does not fit the values, or they are compressed. */
  static Tensor decode(TensorValue value) {
    if (value.hasSparse()) {
      throw new IllegalArgumentException("expected a tensor that is not compressed");
    }
    requireRank(value);
    return Tensor.of(value.getValues().toByteArray(), shape(value));
  }

  private static void requireRank(TensorValue value) {
    if (value.getShapeCount() > Tensor.MAX_RANK) {
      throw new IllegalArgumentException(
          "a tensor has at most " + Tensor.MAX_RANK + " dimensions, was " + value.getShapeCount());
    }
  }

  /** The kept values of a message that has them. */
  static SparseTensor sparse(TensorValue value) {
    SparseValues sparse = value.getSparse();
    return new SparseTensor(
        sparse.getKept(),
        sparse.getPositions().toByteArray(),
        new Levels(
            sparse.getBits(),
            sparse.getLeast(),
            sparse.getGreatest(),
            sparse.getLevels().toByteArray()));
  }

  static long[] shape(TensorValue value) {
    return value.getShapeList().stream().mapToLong(Long::longValue).toArray();
  }

  /**
   * How many values the shape of a message has, before anything is allocated for them.
   *
   * @throws IllegalArgumentException when it has none, or more than the limit
   */
  static int elements(TensorValue value, long limit) {
    requireRank(value);
    long elements = 1;
    for (long dimension : value.getShapeList()) {
      if (dimension < 1 || dimension > limit / elements) {
        throw new IllegalArgumentException(
            "expected a shape of 1 to " + limit + " values, was " + value.getShapeList());
      }
      elements *= dimension;
    }
    return Math.toIntExact(elements);
  }
}
