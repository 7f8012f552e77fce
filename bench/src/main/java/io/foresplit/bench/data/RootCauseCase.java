package io.foresplit.bench.data;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * One fault to find in the metrics of a system. The values are not to be changed.
 *
 * @param name of the case
 * @param kind by which cases are pooled, such as {@code latency}
 * @param series all of the same length
 * @param onset row, counted from 0, from which on rows are abnormal
 * @param stepSeconds from row to row
 * @param target component that an alarm was raised for
 * @param targetMetric the metric of it, with its statistic
 * @param rootCause component at fault: the answer, not for rankers
 * @param calls who calls whom
 */
public record RootCauseCase(
    String name,
    String kind,
    List<Series> series,
    int onset,
    double stepSeconds,
    String target,
    String targetMetric,
    String rootCause,
    List<Call> calls) {
  /**
   * One metric of a component.
   *
   * @param metric with its statistic, such as {@code latency p90}
   * @param values by row; NaN where missing
   */
  @SuppressWarnings("ArrayRecordComponent") // read only
  public record Series(String component, String metric, double[] values) {}

  /** A caller and whom it calls. */
  public record Call(String from, String to) {}

  public RootCauseCase {
    series = List.copyOf(series);
    calls = List.copyOf(calls);
    int rows = series.isEmpty() ? 0 : series.get(0).values().length;
    if (onset < 1 || onset >= rows) {
      throw new IllegalArgumentException(
          "onset of case " + name + " must be 1 to " + (rows - 1) + ", was " + onset);
    }
  }

  /** Components with any metric, in order of name. */
  public Set<String> components() {
    return series.stream().map(Series::component).collect(Collectors.toCollection(TreeSet::new));
  }

  /** The same, as somebody sees it whose onset is wrong by some rows. */
  public RootCauseCase withOnset(int row) {
    return new RootCauseCase(
        name, kind, series, row, stepSeconds, target, targetMetric, rootCause, calls);
  }

  /** The same, with the metric that the alarm was raised for alone, of every component. */
  public RootCauseCase withTargetMetricOnly() {
    return new RootCauseCase(
        name,
        kind,
        series.stream().filter(s -> s.metric().equals(targetMetric)).toList(),
        onset,
        stepSeconds,
        target,
        targetMetric,
        rootCause,
        calls);
  }
}
