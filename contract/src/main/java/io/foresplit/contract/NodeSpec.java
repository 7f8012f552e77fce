package io.foresplit.contract;

/**
 * A node as declared.
 *
 * @param speed declared compute speed relative to the layer profile, 1 = the profile's own
 * @param version of the software it runs, with which a deploy is noticed; empty when not declared
 */
public record NodeSpec(NodeId id, double speed, String version) {
  public NodeSpec {
    if (!version.isEmpty()) {
      Names.require("version of node " + id, version);
    }
    if (!(speed > 0 && speed < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException("speed must be positive and finite, was " + speed);
    }
  }

  /** Of an unknown version. */
  public NodeSpec(NodeId id, double speed) {
    this(id, speed, "");
  }
}
