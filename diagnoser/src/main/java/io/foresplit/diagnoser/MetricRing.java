package io.foresplit.diagnoser;

import io.foresplit.contract.IntervalTick;
import io.foresplit.contract.JobId;
import io.foresplit.contract.JobRecord;
import io.foresplit.contract.MetricHistory;
import io.foresplit.contract.MetricSample;
import io.foresplit.contract.MetricWindow;
import io.foresplit.contract.SegmentMetrics;
import io.foresplit.contract.SeriesKey;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The last intervals of every series of every job, in memory, fed by the job's log; gaps are NaN.
 * What it holds depends on the last {@link #capacity()} intervals of the log alone, so a replay of
 * those rebuilds it. Thread-safe; bounded by {@value #MOST_SERIES} series a job.
 */
public final class MetricRing implements MetricHistory {
  static final int MOST_SERIES = 8192;

  private final int capacity;
  private final Map<JobId, JobRings> jobs = new HashMap<>();

  public MetricRing(int capacity) {
    if (capacity < 1) {
      throw new IllegalArgumentException("capacity must be positive, was " + capacity);
    }
    this.capacity = capacity;
  }

  /** Intervals kept a series. */
  public int capacity() {
    return capacity;
  }

  /** The next record of a job's log. */
  public synchronized void on(JobRecord record) {
    if (record instanceof SegmentMetrics metrics) {
      JobRings rings = jobs.computeIfAbsent(metrics.jobId(), j -> new JobRings(capacity));
      for (MetricSample sample : metrics.samples()) {
        rings.put(sample, metrics.interval());
      }
    } else if (record instanceof IntervalTick tick) {
      jobs.computeIfAbsent(tick.jobId(), j -> new JobRings(capacity))
          .epochs
          .put(tick.interval(), (double) tick.epoch());
    }
  }

  /** Drops everything held of a job. */
  public synchronized void forget(JobId job) {
    jobs.remove(job);
  }

  @Override
  public synchronized Set<SeriesKey> series(JobId job) {
    JobRings rings = jobs.get(job);
    return rings == null ? Set.of() : new TreeSet<>(rings.series.keySet());
  }

  /**
   * {@inheritDoc} Intervals that are no longer, or were never, held are NaN; the epoch is that of
   * the tick of {@code last}, -1 when it is not held.
   */
  @Override
  public synchronized MetricWindow window(JobId job, SeriesKey series, long last, int length) {
    JobRings rings = jobs.get(job);
    Ring ring = rings == null ? null : rings.series.get(series);
    double[] values = new double[length];
    Arrays.fill(values, Double.NaN);
    if (ring != null) {
      ring.copy(last - length + 1, values);
    }
    return new MetricWindow(series, last, epoch(rings, last), values);
  }

  /** The epoch in force when an interval closed, or -1 when its tick is not held. */
  public synchronized long epoch(JobId job, long interval) {
    return epoch(jobs.get(job), interval);
  }

  /**
   * The first of the intervals up to {@code last} that lie in the epoch of {@code last} without a
   * break; as far back as ticks are held. Gaps between ticks are no break.
   */
  synchronized long epochStart(JobId job, long last) {
    JobRings rings = jobs.get(job);
    long epoch = epoch(rings, last);
    long start = last;
    for (long i = last - 1; rings != null && i > last - capacity; i--) {
      long then = epoch(rings, i);
      if (then >= 0 && then != epoch) {
        break;
      }
      if (then >= 0) {
        start = i;
      }
    }
    return start;
  }

  private static long epoch(@Nullable JobRings rings, long interval) {
    double epoch = rings == null ? Double.NaN : rings.epochs.value(interval);
    return Double.isNaN(epoch) ? -1 : (long) epoch;
  }

  /** Not thread-safe: guarded by the ring. Epochs are small whole numbers, exact as doubles. */
  private static final class JobRings {
    private final int capacity;
    private final Ring epochs;
    private final Map<SeriesKey, Ring> series = new TreeMap<>();

    private JobRings(int capacity) {
      this.capacity = capacity;
      this.epochs = new Ring(capacity);
    }

    private void put(MetricSample sample, long interval) {
      Ring ring = series.get(sample.series());
      if (ring == null && series.size() < MOST_SERIES) {
        ring = new Ring(capacity);
        series.put(sample.series(), ring);
      }
      if (ring != null) {
        ring.put(interval, sample.value());
      }
    }
  }

  /** Values by interval number modulo the capacity. */
  private static final class Ring {
    private final double[] values;
    private long last = -1;

    private Ring(int capacity) {
      values = new double[capacity];
      Arrays.fill(values, Double.NaN);
    }

    private void put(long interval, double value) {
      if (interval < 0 || interval <= last - values.length) {
        return;
      }
      long gap = Math.min(interval - last - 1, values.length);
      for (long i = interval - gap; i < interval; i++) {
        values[slot(i)] = Double.NaN;
      }
      values[slot(interval)] = value;
      last = Math.max(last, interval);
    }

    private double value(long interval) {
      boolean held = interval >= 0 && interval <= last && interval > last - values.length;
      return held ? values[slot(interval)] : Double.NaN;
    }

    /** Into as many intervals from a first one on, where they are held. */
    private void copy(long first, double[] to) {
      long from = Math.max(Math.max(first, 0), last - values.length + 1);
      long end = Math.min(first + to.length - 1, last);
      while (from <= end) {
        int slot = slot(from);
        int run = (int) Math.min(end - from + 1, values.length - slot);
        System.arraycopy(values, slot, to, (int) (from - first), run);
        from += run;
      }
    }

    private int slot(long interval) {
      return Math.floorMod(interval, values.length);
    }
  }
}
