package io.foresplit.collector;

import java.time.Duration;

/**
 * How the collector closes intervals.
 *
 * @param graceIntervals how many interval lengths after its end an incomplete interval is closed
 * @param longestCatchUp most intervals that are closed after a pause, and how many intervals
 *     without any report put a job's clock to sleep
 * @param quiet after a start and behind a burst, intervals are closed by time only once no report
 *     older than half the grace has come for so long: what nodes reported meanwhile is read first
 * @param longestWait but no later than this after it began; also how long all nodes may be silent
 *     at once before they count as silent
 * @param checkEvery how often it looks for intervals to close
 * @param partitions partition count of the topics keyed by job id
 */
public record CollectorConfig(
    double graceIntervals,
    int longestCatchUp,
    Duration quiet,
    Duration longestWait,
    Duration checkEvery,
    int partitions) {
  public CollectorConfig {
    require(
        graceIntervals >= 0 && graceIntervals <= 100,
        "graceIntervals must be in [0, 100], was " + graceIntervals);
    require(longestCatchUp > 0, "longestCatchUp must be positive, was " + longestCatchUp);
    require(!quiet.isNegative(), "quiet must not be negative, was " + quiet);
    require(
        longestWait.compareTo(quiet) >= 0,
        "longestWait must be at least quiet (" + quiet + "), was " + longestWait);
    require(checkEvery.toMillis() > 0, "checkEvery must be at least 1 ms, was " + checkEvery);
    require(partitions > 0, "partitions must be positive, was " + partitions);
  }

  /** One interval of grace, 240 intervals of catching up, one partition. */
  public static CollectorConfig defaults() {
    return new CollectorConfig(
        1, 240, Duration.ofSeconds(1), Duration.ofSeconds(30), Duration.ofMillis(50), 1);
  }

  public CollectorConfig withGraceIntervals(double intervals) {
    return new CollectorConfig(
        intervals, longestCatchUp, quiet, longestWait, checkEvery, partitions);
  }

  public CollectorConfig withPartitions(int count) {
    return new CollectorConfig(
        graceIntervals, longestCatchUp, quiet, longestWait, checkEvery, count);
  }

  private static void require(boolean holds, String message) {
    if (!holds) {
      throw new IllegalArgumentException(message);
    }
  }
}
