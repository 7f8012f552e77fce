package io.foresplit.contract;

import java.util.Set;

/** The port to past metrics, bounded. Thread-safe. */
public interface MetricHistory {
  Set<SeriesKey> series(JobId job);

  /** The last {@code length} intervals of a series up to and including {@code last}. */
  MetricWindow window(JobId job, SeriesKey series, long last, int length);
}
