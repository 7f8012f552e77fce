package io.foresplit.diagnoser;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.DoubleStream;

/**
 * Metrics of a system of any kind on one grid of equal steps. Immutable by convention: the arrays
 * are not copied.
 *
 * @param startSeconds time of the first step, in seconds of the epoch
 * @param stepSeconds length of a step, positive: the median distance of two samples of a series
 * @param steps values of each series
 * @param series by component, then metric
 */
public record MetricTable(
    double startSeconds, double stepSeconds, int steps, List<MetricSeries> series) {
  /** The most values of all series together. */
  static final int MOST_CELLS = 50_000_000;

  private static final double SAME_STEP = 0.01;

  private static final Comparator<List<String>> NAMES =
      Comparator.<List<String>, String>comparing(names -> names.get(0))
          .thenComparing(names -> names.get(1));

  public MetricTable {
    series = List.copyOf(series);
  }

  /**
   * A metric of a component.
   *
   * @param values one a step, oldest first, NaN where one is missing
   */
  @SuppressWarnings("ArrayRecordComponent") // a dense row, never compared
  public record MetricSeries(String component, String metric, double[] values) {}

  /**
   * The same, with steps of another time put right before it. Series that one of the two lacks are
   * missing there.
   *
   * @throws IllegalArgumentException when the steps are not of the same length
   */
  public MetricTable after(MetricTable normal) {
    if (Math.abs(normal.stepSeconds - stepSeconds) > SAME_STEP * stepSeconds) {
      throw new IllegalArgumentException(
          "both tables must have steps of one length, were "
              + normal.stepSeconds
              + " s in the normal time and "
              + stepSeconds
              + " s");
    }
    Map<List<String>, double[]> joined = new TreeMap<>(NAMES);
    for (MetricSeries one : normal.series) {
      double[] values = Arrays.copyOf(one.values(), normal.steps + steps);
      Arrays.fill(values, normal.steps, values.length, Double.NaN);
      joined.put(List.of(one.component(), one.metric()), values);
    }
    for (MetricSeries one : series) {
      double[] values =
          joined.computeIfAbsent(
              List.of(one.component(), one.metric()),
              key -> {
                double[] missing = new double[normal.steps + steps];
                Arrays.fill(missing, Double.NaN);
                return missing;
              });
      System.arraycopy(one.values(), 0, values, normal.steps, steps);
    }
    return new MetricTable(
        startSeconds - normal.steps * stepSeconds,
        stepSeconds,
        normal.steps + steps,
        joined.entrySet().stream()
            .map(e -> new MetricSeries(e.getKey().get(0), e.getKey().get(1), e.getValue()))
            .toList());
  }

  /** Collects samples in any order. Not thread-safe. */
  public static final class Builder {
    private final Map<String, Map<String, List<Sample>>> samples = new TreeMap<>();

    /**
     * One sample.
     *
     * @param epochSeconds finite; samples in one step of the grid become their mean
     * @param value not infinite; NaN is no value
     */
    public Builder add(double epochSeconds, String component, String metric, double value) {
      Objects.requireNonNull(component, "component");
      Objects.requireNonNull(metric, "metric");
      if (!Double.isFinite(epochSeconds) || Double.isInfinite(value)) {
        throw new IllegalArgumentException(
            "a sample needs a finite time and value, was " + epochSeconds + ", " + value);
      }
      samples
          .computeIfAbsent(component, c -> new TreeMap<>())
          .computeIfAbsent(metric, m -> new ArrayList<>())
          .add(new Sample(epochSeconds, value));
      return this;
    }

    /**
     * The table of all samples added.
     *
     * @throws IllegalArgumentException when the times do not fit on a grid of bounded size
     */
    public MetricTable build() {
      List<List<Sample>> all =
          samples.values().stream().flatMap(metrics -> metrics.values().stream()).toList();
      all.forEach(s -> s.sort(Sample.ORDER));
      double first = all.stream().mapToDouble(s -> s.get(0).time()).min().orElse(0);
      double last = all.stream().mapToDouble(s -> s.get(s.size() - 1).time()).max().orElse(0);
      double step = step(all);
      double cells = Math.rint((last - first) / step) + 1;
      if (cells * Math.max(1, all.size()) > MOST_CELLS) {
        throw new IllegalArgumentException(
            "from the first time to the last there are "
                + (long) cells
                + " steps of the median distance of "
                + step
                + " s for "
                + all.size()
                + " series, at most "
                + MOST_CELLS
                + " values fit; leave out times that are wrong, or older ones");
      }
      List<MetricSeries> series = new ArrayList<>();
      samples.forEach(
          (component, metrics) ->
              metrics.forEach(
                  (metric, s) ->
                      series.add(
                          new MetricSeries(component, metric, grid(s, first, step, (int) cells)))));
      return new MetricTable(first, step, all.isEmpty() ? 0 : (int) cells, series);
    }

    /** Median distance in time of neighbours within a series; 1 s when there are none. */
    private static double step(List<List<Sample>> all) {
      double[] distances =
          all.stream()
              .flatMapToDouble(
                  s ->
                      DoubleStream.iterate(1, i -> i < s.size(), i -> i + 1)
                          .map(i -> s.get((int) i).time() - s.get((int) i - 1).time()))
              .filter(distance -> distance > 0)
              .toArray();
      double median = Robust.median(distances);
      return Double.isNaN(median) ? 1 : median;
    }

    private static double[] grid(List<Sample> samples, double first, double step, int cells) {
      double[] sums = new double[cells];
      int[] counts = new int[cells];
      for (Sample sample : samples) {
        if (!Double.isNaN(sample.value())) {
          int cell = (int) Math.rint((sample.time() - first) / step);
          sums[cell] += sample.value();
          counts[cell]++;
        }
      }
      double[] values = new double[cells];
      Arrays.setAll(values, i -> counts[i] == 0 ? Double.NaN : sums[i] / counts[i]);
      return values;
    }

    private record Sample(double time, double value) {
      static final Comparator<Sample> ORDER =
          Comparator.comparingDouble(Sample::time).thenComparingDouble(Sample::value);
    }
  }
}
