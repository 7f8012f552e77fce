package io.foresplit.contract;

/**
 * One direction of a link as declared.
 *
 * @param bytesPerSecond nominal rate
 * @param delaySeconds one-way delay
 */
public record LinkSpec(NodeId from, NodeId to, double bytesPerSecond, double delaySeconds) {
  public LinkSpec {
    if (!(bytesPerSecond > 0 && bytesPerSecond < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "bytesPerSecond must be positive and finite, was " + bytesPerSecond);
    }
    if (!(delaySeconds >= 0 && delaySeconds < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "delaySeconds must be finite and at least 0, was " + delaySeconds);
    }
  }

  public ComponentId id() {
    return ComponentId.link(from, to);
  }
}
