package io.foresplit.runtime.link;

import java.util.Locale;

/**
 * The rate a directed link offers over time. Pure and thread-safe: the same time gives the same
 * rate, in whatever order it is asked.
 */
@FunctionalInterface
public interface RateTrace {
  /**
   * The rate at a moment.
   *
   * @param secondsSinceStart seconds since the start of the job
   * @return bytes per second, always positive and finite
   */
  double bytesPerSecond(double secondsSinceStart);

  /** The same rates, for one thread that asks often: may remember what it has worked out. */
  default RateTrace remembering() {
    return this;
  }

  /** A link that never changes. */
  static RateTrace constant(double bytesPerSecond) {
    requireRate(bytesPerSecond);
    return secondsSinceStart -> bytesPerSecond;
  }

  private static void requireRate(double bytesPerSecond) {
    if (!(bytesPerSecond > 0 && bytesPerSecond < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "the rate of a trace must be positive and finite, was %s bytes/s",
              bytesPerSecond));
    }
  }
}
