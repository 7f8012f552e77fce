package io.foresplit.runtime.tensor;

import java.util.List;
import java.util.stream.LongStream;

/**
 * A parameter tensor of a layer, and how it starts: normally distributed around a value.
 *
 * @param start mean of the initial values
 * @param spread standard deviation of the initial values; 0 when all are the same
 */
public record Parameter(String name, List<Long> shape, double start, double spread) {
  public Parameter {
    shape = List.copyOf(shape);
  }

  /**
   * A weight with He initialisation (He et al., 2015).
   *
   * @param fanIn inputs of one output
   * @param gain factor on the usual spread
   */
  static Parameter weight(String name, int fanIn, double gain, long... shape) {
    return normal(name, gain * Math.sqrt(2.0 / fanIn), shape);
  }

  /** A weight of a given initial spread. */
  static Parameter normal(String name, double spread, long... shape) {
    return new Parameter(name, LongStream.of(shape).boxed().toList(), 0, spread);
  }

  /** All zeros at first. */
  static Parameter bias(String name, long... shape) {
    return normal(name, 0, shape);
  }

  /** The factor of a normalisation; all ones at first. */
  static Parameter scale(String name, long... shape) {
    return new Parameter(name, LongStream.of(shape).boxed().toList(), 1, 0);
  }

  public long elements() {
    return shape.stream().reduce(1L, Math::multiplyExact);
  }
}
