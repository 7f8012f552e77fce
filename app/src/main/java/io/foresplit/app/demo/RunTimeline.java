package io.foresplit.app.demo;

import io.foresplit.app.training.RunRecorder.Interval;
import io.foresplit.contract.Metric;
import io.foresplit.contract.Objective;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.OptionalDouble;

/**
 * What was measured over a run, by seconds since training began.
 *
 * @param start instant training began
 */
record RunTimeline(List<Interval> intervals, Instant start) {
  RunTimeline {
    intervals = List.copyOf(intervals);
  }

  /** End of the last interval; 0 when there is none. */
  double end() {
    return intervals.isEmpty() ? 0 : seconds(intervals.get(intervals.size() - 1).end());
  }

  /** First instant of the first run of intervals above the bound that lasts the duration. */
  OptionalDouble breach(Objective objective) {
    double above = Double.NaN;
    boolean armed = false;
    double within = Double.NaN;
    for (Interval interval : intervals) {
      double t = seconds(interval.end());
      double value = objective.metric() == Metric.LOSS ? interval.loss() : interval.stepSeconds();
      if (Double.isNaN(value)) {
        continue;
      }
      if (value <= objective.bound()) {
        above = Double.NaN;
        within = Double.isNaN(within) ? t : within;
        armed |= t - within >= seconds(objective.duration());
        continue;
      }
      within = Double.NaN;
      above = Double.isNaN(above) ? t : above;
      if (armed && t - above >= seconds(objective.duration())) {
        return OptionalDouble.of(above);
      }
    }
    return OptionalDouble.empty();
  }

  /** Steps per second the data owner committed between two times. */
  OptionalDouble rate(double from, double to) {
    Interval first = null;
    Interval last = null;
    for (Interval interval : intervals) {
      double t = seconds(interval.end());
      if (interval.steps() < 0 || t < from || t > to) {
        continue;
      }
      first = first == null ? interval : first;
      last = interval;
    }
    if (first == null || last == null) {
      return OptionalDouble.empty();
    }
    double span = seconds(last.end()) - seconds(first.end());
    return span < 2
        ? OptionalDouble.empty()
        : OptionalDouble.of((last.steps() - first.steps()) / span);
  }

  /** Mean over the intervals that ended in (from, to]. */
  OptionalDouble meanLoss(double from, double to) {
    return intervals.stream()
        .filter(i -> seconds(i.end()) > from && seconds(i.end()) <= to)
        .mapToDouble(Interval::loss)
        .filter(v -> !Double.isNaN(v))
        .average();
  }

  double seconds(Instant at) {
    return seconds(Duration.between(start, at));
  }

  private static double seconds(Duration duration) {
    return duration.toNanos() / 1e9;
  }
}
