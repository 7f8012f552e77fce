package io.foresplit.forecaster;

import io.foresplit.contract.ComponentId;
import io.foresplit.contract.IntervalTick;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.Metric;
import io.foresplit.contract.MetricSample;
import io.foresplit.contract.MetricWindow;
import io.foresplit.contract.Objective;
import io.foresplit.contract.SegmentMetrics;
import io.foresplit.contract.SeriesKey;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Job records become bounded windows of equally spaced values, one a series, that know their gaps
 * and their epoch. Kept are the conditions and the metrics of objectives; what an objective is
 * about is a series of the job, the worst of its components where several report it. Series that
 * depend on the cut start anew at each epoch. Mutable, not thread-safe.
 */
final class WindowAssembler {
  private static final Set<Metric> CONDITIONS =
      EnumSet.of(Metric.LINK_RATE, Metric.LINK_DELAY_SECONDS, Metric.SLOWDOWN);
  private static final Set<Metric> CUT_INDEPENDENT =
      EnumSet.of(
          Metric.LINK_RATE,
          Metric.LINK_DELAY_SECONDS,
          Metric.SLOWDOWN,
          Metric.LOSS,
          Metric.GRADIENT_NORM);
  private static final int MOST_SERIES = 512;

  private final int capacity;
  private final Set<Metric> objectives = EnumSet.noneOf(Metric.class);
  private final Map<SeriesKey, SeriesWindow> windows = new TreeMap<>();
  private final OpenIntervals open = new OpenIntervals();
  private long epoch = -1;
  private boolean epochIsNew;
  private boolean told;

  WindowAssembler(int capacity) {
    this.capacity = capacity;
  }

  static boolean dependsOnCut(Metric metric) {
    return !CUT_INDEPENDENT.contains(metric);
  }

  /** A job with its placement at an epoch. A new epoch clears what depends on the cut. */
  void onTopology(JobSpec job, long newEpoch) {
    objectives.clear();
    job.objectives().stream().map(Objective::metric).forEach(objectives::add);
    if (newEpoch != epoch) {
      epoch = newEpoch;
      epochIsNew = open.last() >= 0;
      windows.forEach(
          (series, window) -> {
            if (dependsOnCut(series.metric())) {
              window.clear();
            }
          });
    }
  }

  /** Metrics of an interval that is still open; those of a closed one are too late. */
  void add(SegmentMetrics metrics) {
    Map<SeriesKey, Double> values =
        metrics.samples().isEmpty() ? null : open.values(metrics.interval());
    if (values == null) {
      return;
    }
    for (MetricSample sample : metrics.samples()) {
      Metric metric = sample.metric();
      boolean stale = metrics.epoch() < epoch && dependsOnCut(metric);
      if (stale || !metric.accepts(sample.value())) {
        continue;
      }
      if (CONDITIONS.contains(metric)) {
        values.put(sample.series(), sample.value());
      }
      if (objectives.contains(metric)) {
        values.merge(new SeriesKey(ComponentId.JOB, metric), sample.value(), Math::max);
      }
    }
  }

  /**
   * Closes an interval: each window gets its value or a gap.
   *
   * @return false for an interval that is closed already
   */
  boolean close(IntervalTick tick) {
    if (open.isClosed(tick.interval())) {
      return false;
    }
    long last = open.last();
    long missed = last < 0 ? 0 : Math.min(tick.interval() - last - 1, capacity);
    told = open.knows(tick.interval());
    Map<SeriesKey, Double> values = open.close(tick.interval());
    for (SeriesKey series : values.keySet()) {
      if (windows.size() < MOST_SERIES) {
        windows.computeIfAbsent(series, key -> new SeriesWindow(capacity));
      }
    }
    windows.forEach(
        (series, window) -> {
          for (long i = 0; i < missed; i++) {
            window.append(Double.NaN);
          }
          // the interval of a move holds steps of both cuts, and the pause
          boolean mixed = epochIsNew && dependsOnCut(series.metric());
          window.append(mixed ? Double.NaN : values.getOrDefault(series, Double.NaN));
        });
    epochIsNew = false;
    return true;
  }

  /** Whether anything at all was told of the interval closed last. */
  boolean told() {
    return told;
  }

  /** Values oldest first, the last one of the interval closed last; empty for no such series. */
  double[] values(SeriesKey series) {
    SeriesWindow window = windows.get(series);
    return window == null ? new double[0] : window.values();
  }

  MetricWindow window(SeriesKey series) {
    return new MetricWindow(series, open.last(), epoch, values(series));
  }

  /** The interval closed last, -1 before the first. */
  long last() {
    return open.last();
  }

  /** State between intervals: what is open comes again with its records. */
  void writeTo(DataOutput out) throws IOException {
    out.writeLong(open.last());
    out.writeLong(epoch);
    out.writeBoolean(epochIsNew);
    out.writeShort(windows.size());
    for (Map.Entry<SeriesKey, SeriesWindow> entry : windows.entrySet()) {
      JobStateCodec.writeSeries(out, entry.getKey());
      entry.getValue().writeTo(out);
    }
  }

  void readFrom(DataInput in, JobSpec job) throws IOException {
    open.restart(in.readLong());
    epoch = in.readLong();
    epochIsNew = in.readBoolean();
    job.objectives().stream().map(Objective::metric).forEach(objectives::add);
    int count = in.readShort();
    for (int i = 0; i < count; i++) {
      SeriesKey series = JobStateCodec.readSeries(in);
      SeriesWindow window = new SeriesWindow(capacity);
      window.readFrom(in);
      windows.put(series, window);
    }
  }
}
