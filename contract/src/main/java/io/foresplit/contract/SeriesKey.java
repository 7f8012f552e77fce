package io.foresplit.contract;

/** One time series of a job: a metric of a component. */
public record SeriesKey(ComponentId component, Metric metric) implements Comparable<SeriesKey> {
  @Override
  public int compareTo(SeriesKey other) {
    int byComponent = component.compareTo(other.component);
    return byComponent != 0 ? byComponent : metric.compareTo(other.metric);
  }

  @Override
  public String toString() {
    return component + "/" + metric;
  }
}
