package io.foresplit.contract;

/** What one direction of a link gives: rate in bytes/s, one-way delay in seconds. */
public record LinkCondition(double bytesPerSecond, double delaySeconds) {
  public LinkCondition {
    if (!(bytesPerSecond > 0 && bytesPerSecond < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "bytesPerSecond must be positive and finite, was " + bytesPerSecond);
    }
    if (!(delaySeconds >= 0 && delaySeconds < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "delaySeconds must be finite and at least 0, was " + delaySeconds);
    }
  }
}
