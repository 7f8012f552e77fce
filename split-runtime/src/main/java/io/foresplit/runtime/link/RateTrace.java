package io.foresplit.runtime.link;

import java.util.Locale;
import java.util.OptionalDouble;

/**
 * What a directed link offers over time: its rate, and, where it says so, delay, jitter and loss.
 * Pure and thread-safe: the same time gives the same, in whatever order it is asked.
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

  /** The same trace, for one thread that asks often: may remember what it has worked out. */
  default RateTrace remembering() {
    return this;
  }

  /**
   * The one-way delay at a moment; empty for the declared one.
   *
   * @return seconds, at least 0 and finite
   */
  default OptionalDouble delaySeconds(double secondsSinceStart) {
    return OptionalDouble.empty();
  }

  /**
   * How far the delay of one message is from the link's at most; uniform in between.
   *
   * @return seconds, at least 0 and finite
   */
  default double jitterSeconds(double secondsSinceStart) {
    return 0;
  }

  /** The share of packets that is lost at a moment, in [0, 0.5]. */
  default double loss(double secondsSinceStart) {
    return 0;
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
