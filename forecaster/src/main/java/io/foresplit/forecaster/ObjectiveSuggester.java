package io.foresplit.forecaster;

import io.foresplit.contract.Incident;
import io.foresplit.contract.IncidentId;
import io.foresplit.contract.IntervalTick;
import io.foresplit.contract.JobRecord;
import io.foresplit.contract.Metric;
import io.foresplit.contract.MetricSample;
import io.foresplit.contract.SegmentMetrics;
import io.foresplit.contract.SplitTopology;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Proposes bounds for objectives from what a job reported while it was healthy: in no incident, at
 * its present cut where the metric depends on it, and of loss and gradient norm the later half,
 * since they fall.
 *
 * <p>An objective is breached when its metric stays above the bound for a duration, so what counts
 * is the least value in each window of that length. The bound is the level these exceed once in the
 * time asked for: peaks over the ninth decile, one for each stay above it, have an exponential tail
 * on the scale of the metric's model, which for logarithms is a Pareto tail of the metric (peaks
 * over threshold, Davison and Smith 1990; the return level is derived). Mutable, not thread-safe.
 */
public final class ObjectiveSuggester {
  /** Fewest intervals that a bound is proposed from. */
  public static final int LEAST_VALUES = 100;

  private static final List<Metric> METRICS =
      List.of(Metric.STEP_SECONDS, Metric.LOSS, Metric.GRADIENT_NORM, Metric.QUEUE_WAIT_SECONDS);

  private static final double THRESHOLD = 0.9;

  /** What has been is exceeded by at least so much, on a logarithmic scale. */
  private static final double LEAST_MARGIN = 0.05;

  /** A bound is told in so many digits. */
  private static final int DIGITS = 3;

  private final NavigableMap<Long, Map<Metric, Double>> intervals = new TreeMap<>();
  private final Map<IncidentId, Incident> incidents = new TreeMap<>();
  private Duration length = Duration.ZERO;
  private long epoch;
  private long epochFrom;
  private long last;

  /** A record of the job, in the order of its log. */
  public void on(JobRecord record) {
    if (record instanceof SplitTopology topology && topology.epoch() != epoch) {
      epoch = topology.epoch();
      epochFrom = last + 2; // the interval of a move holds steps of both cuts
    } else if (record instanceof SegmentMetrics metrics) {
      Map<Metric, Double> values =
          intervals.computeIfAbsent(metrics.interval(), i -> new EnumMap<>(Metric.class));
      for (MetricSample sample : metrics.samples()) {
        if (METRICS.contains(sample.metric()) && sample.metric().accepts(sample.value())) {
          values.merge(sample.metric(), sample.value(), Math::max);
        }
      }
    } else if (record instanceof IntervalTick tick) {
      last = tick.interval();
      length = tick.length();
    }
  }

  /** What is told of an incident of the job; the last word on it counts. */
  public void on(Incident incident) {
    incidents.put(incident.id(), incident);
  }

  /** Length of the job's report intervals; zero before the first has closed. */
  public Duration intervalLength() {
    return length;
  }

  /** Healthy intervals with a value of the metric. */
  public int values(Metric metric) {
    return healthy(metric).length;
  }

  /**
   * Bounds for the metrics that have values enough.
   *
   * @param duration a metric stays above its bound before it is breached; at least one interval
   * @param once a healthy job stays above it once in this time
   */
  public List<ObjectiveSuggestion> suggest(Duration duration, Duration once) {
    List<ObjectiveSuggestion> suggestions = new ArrayList<>();
    for (Metric metric : METRICS) {
      suggest(metric, duration, once).ifPresent(suggestions::add);
    }
    return suggestions;
  }

  private Optional<ObjectiveSuggestion> suggest(Metric metric, Duration duration, Duration once) {
    double[] values = healthy(metric);
    if (values.length < LEAST_VALUES) {
      return Optional.empty();
    }
    int stay = (int) Math.max(1, -Math.floorDiv(-duration.toMillis(), length.toMillis()));
    Scale scale = Scale.of(metric);
    double[] model = scale.toModel(values);
    double[] sustained = leastOfEach(stay, model);
    double highest = Arrays.stream(sustained).max().orElseThrow();
    if (scale.toNatural(highest) <= 0) {
      return Optional.empty();
    }
    double level = returnLevel(sustained, stay, (double) once.toMillis() / length.toMillis());
    double bound = Math.max(level, highest + LEAST_MARGIN);
    return Optional.of(
        new ObjectiveSuggestion(
            metric,
            length.multipliedBy(stay),
            values.length,
            scale.toNatural(Robust.median(model)),
            scale.toNatural(highest),
            roundedUp(scale.toNatural(bound))));
  }

  /** The level exceeded once in so many intervals. */
  private static double returnLevel(double[] sustained, int apart, double intervals) {
    double[] sorted = sustained.clone();
    Arrays.sort(sorted);
    double threshold = sorted[(int) (THRESHOLD * (sorted.length - 1))];
    int peaks = 0;
    double excess = 0;
    double peak = 0;
    int below = apart;
    for (double value : sustained) {
      if (value > threshold) {
        if (below >= apart) {
          excess += peak;
          peak = 0;
          peaks++;
        }
        below = 0;
        peak = Math.max(peak, value - threshold);
      } else {
        below++;
      }
    }
    excess += peak;
    if (peaks == 0) {
      return threshold;
    }
    double expected = intervals * peaks / sustained.length;
    return threshold + excess / peaks * Math.log(Math.max(1, expected));
  }

  private double[] healthy(Metric metric) {
    boolean ofThisCut = WindowAssembler.dependsOnCut(metric);
    double[] values =
        intervals.entrySet().stream()
            .filter(e -> e.getKey() <= last && (!ofThisCut || e.getKey() >= epochFrom))
            .filter(e -> !inIncident(e.getKey()) && e.getValue().containsKey(metric))
            .mapToDouble(e -> e.getValue().get(metric))
            .toArray();
    boolean falls = metric == Metric.LOSS || metric == Metric.GRADIENT_NORM;
    return falls ? Arrays.copyOfRange(values, values.length / 2, values.length) : values;
  }

  private boolean inIncident(long interval) {
    return incidents.values().stream()
        .anyMatch(
            i ->
                interval >= Math.min(i.onsetInterval(), i.openedInterval())
                    && (i.phase() != Incident.Phase.RESOLVED || interval <= i.interval()));
  }

  private static double[] leastOfEach(int stay, double[] values) {
    double[] least = new double[Math.max(1, values.length - stay + 1)];
    for (int i = 0; i < least.length; i++) {
      least[i] = values[i];
      for (int j = 1; j < stay && i + j < values.length; j++) {
        least[i] = Math.min(least[i], values[i + j]);
      }
    }
    return least;
  }

  private static double roundedUp(double value) {
    double unit = Math.pow(10, Math.floor(Math.log10(value)) - (DIGITS - 1));
    return Math.ceil(value / unit) * unit;
  }
}
