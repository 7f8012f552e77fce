package io.foresplit.runtime.coordinator;

import java.time.Duration;

/**
 * When layers are copied while training goes on, and when that is given up for stop and copy.
 *
 * @param preCopy false to stop and copy always
 * @param maxUtilisation in (0, 1): highest share of the link, or of the target's idle time, that
 *     recorded steps may need; nearer to 1 a pre-copy would hardly catch up
 * @param maxBytesRatio at least 1: most bytes a pre-copy may send, as a multiple of the layers'
 *     state
 * @param maxRounds in each round the target replays what was recorded in the one before
 * @param limit how long a pre-copy may take before the hold
 * @param replayLimit how long, at the hold, the last steps may take to be replayed
 * @param poll between two looks at a pre-copy
 */
public record MovePolicy(
    boolean preCopy,
    double maxUtilisation,
    double maxBytesRatio,
    int maxRounds,
    Duration limit,
    Duration replayLimit,
    Duration poll) {
  public MovePolicy {
    if (!(maxUtilisation > 0 && maxUtilisation < 1)) {
      throw new IllegalArgumentException("maxUtilisation must be in (0, 1), was " + maxUtilisation);
    }
    if (!(maxBytesRatio >= 1 && maxBytesRatio < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "maxBytesRatio must be finite and at least 1, was " + maxBytesRatio);
    }
    if (maxRounds < 1) {
      throw new IllegalArgumentException("maxRounds must be at least 1, was " + maxRounds);
    }
    requirePositive("limit", limit);
    requirePositive("replayLimit", replayLimit);
    requirePositive("poll", poll);
  }

  private static void requirePositive(String what, Duration value) {
    if (value.isNegative() || value.isZero()) {
      throw new IllegalArgumentException(what + " must be positive, was " + value);
    }
  }

  /** Pre-copy where it pays: up to four times the state, at most two minutes. */
  public static MovePolicy standard() {
    return new MovePolicy(
        true, 0.8, 4, 12, Duration.ofMinutes(2), Duration.ofSeconds(5), Duration.ofMillis(10));
  }

  /** Always stop and copy. */
  public static MovePolicy stopAndCopy() {
    MovePolicy standard = standard();
    return new MovePolicy(
        false,
        standard.maxUtilisation,
        standard.maxBytesRatio,
        standard.maxRounds,
        standard.limit,
        standard.replayLimit,
        standard.poll);
  }
}
