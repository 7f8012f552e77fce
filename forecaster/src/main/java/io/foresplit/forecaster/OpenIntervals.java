package io.foresplit.forecaster;

import io.foresplit.contract.SeriesKey;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Values of intervals whose tick has not come yet; of the newest few, so that a log without ticks
 * does not fill memory. Mutable, not thread-safe.
 */
final class OpenIntervals {
  private static final int MOST = 8;

  private final TreeMap<Long, Map<SeriesKey, Double>> open = new TreeMap<>();
  private long last = -1;

  /** The interval closed last, -1 before the first. */
  long last() {
    return last;
  }

  boolean isClosed(long interval) {
    return interval <= last;
  }

  /** Whether anything was told of an interval that is open. */
  boolean knows(long interval) {
    return open.containsKey(interval);
  }

  /** Values of an interval, to be added to; null for one that is closed, which is too late. */
  @Nullable Map<SeriesKey, Double> values(long interval) {
    if (isClosed(interval)) {
      return null;
    }
    Map<SeriesKey, Double> values = open.computeIfAbsent(interval, key -> new TreeMap<>());
    while (open.size() > MOST) {
      open.pollFirstEntry();
    }
    return values;
  }

  /** Closes an interval and those before it; its values. */
  Map<SeriesKey, Double> close(long interval) {
    Map<SeriesKey, Double> values = open.getOrDefault(interval, Map.of());
    open.headMap(interval, true).clear();
    last = Math.max(last, interval);
    return values;
  }

  /** Begins after an interval, with none open. */
  void restart(long lastClosed) {
    open.clear();
    last = lastClosed;
  }
}
