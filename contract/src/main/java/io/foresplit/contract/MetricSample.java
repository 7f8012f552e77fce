package io.foresplit.contract;

/**
 * One value of one series in one interval. Values are not validated here: a sample may still be on
 * its way to the collector, which rejects what {@link Metric#accepts} does not allow.
 */
public record MetricSample(ComponentId component, Metric metric, double value) {
  public SeriesKey series() {
    return new SeriesKey(component, metric);
  }
}
