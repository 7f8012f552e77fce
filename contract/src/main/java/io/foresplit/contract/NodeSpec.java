package io.foresplit.contract;

/**
 * A node as declared.
 *
 * @param speed declared compute speed relative to the layer profile, 1 = the profile's own
 */
public record NodeSpec(NodeId id, double speed) {
  public NodeSpec {
    if (!(speed > 0 && speed < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException("speed must be positive and finite, was " + speed);
    }
  }
}
