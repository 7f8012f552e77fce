package io.foresplit.runtime.tensor;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/**
 * Dimensions of one sample, the batch left out. Immutable.
 *
 * @param dimensions each at least 1; images are channels × side × side, text is positions × width
 */
public record SampleShape(List<Long> dimensions) {
  public SampleShape {
    dimensions = List.copyOf(dimensions);
    if (dimensions.isEmpty() || dimensions.stream().anyMatch(d -> d < 1)) {
      throw new IllegalArgumentException(
          "a sample needs dimensions of at least 1, was " + dimensions);
    }
  }

  public static SampleShape of(long... dimensions) {
    return new SampleShape(LongStream.of(dimensions).boxed().toList());
  }

  public long elements() {
    return dimensions.stream().reduce(1L, Math::multiplyExact);
  }

  /** Length of a dimension; -1 is the last. */
  public int length(int axis) {
    return Math.toIntExact(dimensions.get(axis < 0 ? dimensions.size() + axis : axis));
  }

  /** Shape of a batch of such samples. */
  public long[] batch(long samples) {
    return LongStream.concat(LongStream.of(samples), dimensions.stream().mapToLong(Long::longValue))
        .toArray();
  }

  @Override
  public String toString() {
    return dimensions.stream().map(String::valueOf).collect(Collectors.joining(" x "));
  }
}
