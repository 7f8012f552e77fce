package io.foresplit.runtime.sim;

import java.util.Arrays;
import java.util.stream.Collectors;

/** How a disturbance grows over its ramp: from nothing at the onset to full at the end of it. */
public enum Shape {
  /** Evenly. */
  LINEAR("linear"),
  /** Slowly first, then fast: the square. */
  ACCELERATING("accelerating"),
  /** Slowly, fast, slowly, as a logistic curve: 3x² − 2x³. */
  S_CURVE("s-curve"),
  /** In four equal steps evenly over the ramp, the first at its start and the last at its end. */
  STAIRS("stairs");

  private static final int STEPS = 4;

  private final String label;

  Shape(String label) {
    this.label = label;
  }

  /** Name for people and files. */
  public String label() {
    return label;
  }

  /**
   * How much of the disturbance there is, in [0, 1].
   *
   * @param passed share of the ramp that has passed, in [0, 1]
   */
  double of(double passed) {
    return switch (this) {
      case LINEAR -> passed;
      case ACCELERATING -> passed * passed;
      case S_CURVE -> passed * passed * (3 - 2 * passed);
      case STAIRS -> (1 + Math.floor(passed * (STEPS - 1))) / STEPS;
    };
  }

  /** The shape with a label. */
  public static Shape ofLabel(String label) {
    for (Shape shape : values()) {
      if (shape.label.equals(label)) {
        return shape;
      }
    }
    throw new IllegalArgumentException(
        "shape must be one of "
            + Arrays.stream(values()).map(Shape::label).collect(Collectors.joining(", "))
            + ", was '"
            + label
            + "'");
  }
}
