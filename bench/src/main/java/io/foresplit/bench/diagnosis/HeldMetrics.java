package io.foresplit.bench.diagnosis;

import io.foresplit.contract.JobId;
import io.foresplit.contract.MetricHistory;
import io.foresplit.contract.MetricWindow;
import io.foresplit.contract.SeriesKey;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The metrics of one job as they were held at the end of an interval. Immutable. */
final class HeldMetrics implements MetricHistory {
  private final JobId job;
  private final Map<SeriesKey, MetricWindow> windows;

  private HeldMetrics(JobId job, Map<SeriesKey, MetricWindow> windows) {
    this.job = job;
    this.windows = windows;
  }

  /** A copy of the last {@code length} intervals of a history up to and including {@code last}. */
  static MetricHistory of(MetricHistory history, JobId job, long last, int length) {
    return new HeldMetrics(
        job,
        history.series(job).stream()
            .collect(
                Collectors.toMap(
                    Function.identity(), series -> history.window(job, series, last, length))));
  }

  @Override
  public Set<SeriesKey> series(JobId asked) {
    return asked.equals(job) ? new TreeSet<>(windows.keySet()) : Set.of();
  }

  @Override
  public MetricWindow window(JobId asked, SeriesKey series, long last, int length) {
    double[] values = new double[length];
    Arrays.fill(values, Double.NaN);
    MetricWindow held = asked.equals(job) ? windows.get(series) : null;
    if (held == null) {
      return new MetricWindow(series, last, -1, values);
    }
    long first = held.last() - held.values().length + 1;
    for (int i = 0; i < length; i++) {
      long at = last - length + 1 + i;
      if (at >= first && at <= held.last()) {
        values[i] = held.values()[(int) (at - first)];
      }
    }
    return new MetricWindow(series, last, held.epoch(), values);
  }
}
