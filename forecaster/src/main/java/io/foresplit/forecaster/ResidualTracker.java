package io.foresplit.forecaster;

import io.foresplit.contract.IntervalTick;
import io.foresplit.contract.Metric;
import io.foresplit.contract.MetricSample;
import io.foresplit.contract.SegmentMetrics;
import io.foresplit.contract.SeriesKey;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * How far what nodes report lies from what was usual before the incident, for all that helps to
 * tell kinds of degradation apart, also where nothing is forecast of it. Cheap: five numbers a
 * series and no window. What depends on the cut begins anew at each epoch. Bounded; mutable, not
 * thread-safe.
 */
final class ResidualTracker {
  private static final Set<Metric> TRACKED =
      EnumSet.of(
          Metric.LINK_RATE,
          Metric.LINK_DELAY_SECONDS,
          Metric.SLOWDOWN,
          Metric.LOSS,
          Metric.GRADIENT_NORM,
          Metric.ACTIVATION_MEAN,
          Metric.ACTIVATION_VARIANCE,
          Metric.INPUT_MEAN,
          Metric.INPUT_VARIANCE,
          Metric.STEP_SECONDS,
          Metric.QUEUE_WAIT_SECONDS,
          Metric.HEAP_BYTES,
          Metric.NATIVE_BYTES,
          Metric.CPU_SHARE);
  private static final Set<Metric> OF_THE_CUT =
      EnumSet.of(
          Metric.GRADIENT_NORM,
          Metric.ACTIVATION_MEAN,
          Metric.ACTIVATION_VARIANCE,
          Metric.STEP_SECONDS,
          Metric.QUEUE_WAIT_SECONDS,
          Metric.HEAP_BYTES,
          Metric.NATIVE_BYTES,
          Metric.CPU_SHARE);
  private static final int MOST_SERIES = 512;

  private final Map<SeriesKey, Residual> residuals = new TreeMap<>();
  private final OpenIntervals open = new OpenIntervals();
  private long epoch = -1;

  static Set<Metric> tracked() {
    return TRACKED;
  }

  void onTopology(long newEpoch) {
    if (newEpoch != epoch) {
      epoch = newEpoch;
      residuals.keySet().removeIf(series -> OF_THE_CUT.contains(series.metric()));
    }
  }

  /** Metrics of an interval that is still open; those of a closed one are too late. */
  void add(SegmentMetrics metrics) {
    Map<SeriesKey, Double> values = open.values(metrics.interval());
    if (values == null) {
      return;
    }
    for (MetricSample sample : metrics.samples()) {
      Metric metric = sample.metric();
      boolean stale = metrics.epoch() < epoch && OF_THE_CUT.contains(metric);
      if (TRACKED.contains(metric) && !stale && metric.accepts(sample.value())) {
        values.put(sample.series(), sample.value());
      }
    }
  }

  /**
   * Closes an interval.
   *
   * @param learn whether it counts as usual
   */
  void close(IntervalTick tick, boolean learn) {
    Map<SeriesKey, Double> values = open.close(tick.interval());
    values.keySet().stream()
        .filter(series -> !residuals.containsKey(series))
        .limit(MOST_SERIES - residuals.size())
        .toList()
        .forEach(series -> residuals.put(series, new Residual()));
    residuals.forEach(
        (series, residual) -> {
          Double value = values.get(series);
          if (value == null) {
            residual.miss();
          } else {
            double model = Scale.of(series.metric()).unsmoothed().toModel(value);
            residual.observe(model, series.metric().isScale(), learn);
          }
        });
  }

  /** Residuals of a metric, one a component that has enough values and reports. */
  List<Residual> of(Metric metric) {
    List<Residual> found = new ArrayList<>();
    residuals.forEach(
        (series, residual) -> {
          if (series.metric() == metric && residual.tells()) {
            found.add(residual);
          }
        });
    return found;
  }

  void clear() {
    residuals.clear();
    open.restart(-1);
    epoch = -1;
  }

  void writeTo(DataOutput out) throws IOException {
    out.writeLong(open.last());
    out.writeLong(epoch);
    out.writeShort(residuals.size());
    for (Map.Entry<SeriesKey, Residual> entry : residuals.entrySet()) {
      JobStateCodec.writeSeries(out, entry.getKey());
      entry.getValue().writeTo(out);
    }
  }

  void readFrom(DataInput in) throws IOException {
    open.restart(in.readLong());
    epoch = in.readLong();
    for (int i = in.readShort(); i > 0; i--) {
      residuals.put(JobStateCodec.readSeries(in), Residual.readFrom(in));
    }
  }
}
