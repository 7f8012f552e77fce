package io.foresplit.diagnoser;

import io.foresplit.diagnoser.MetricTable.MetricSeries;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * How far a component went, by all of its metrics (derived). Several statistics of one metric are
 * one metric. What is asked of a component that others call is what they do, and tells nothing.
 *
 * @param leading its metric that changed most
 * @param others further metrics that stand out
 * @param strength root of the sum of squares over metrics that stand out
 * @param shared the same, over metrics that callers have a share in
 */
record ComponentChange(MetricChange leading, int others, double strength, double shared) {
  private static final Comparator<MetricChange> STRONGEST =
      Comparator.comparingDouble(MetricChange::strength)
          .reversed()
          .thenComparing(c -> c.series().metric());

  /** Those that stand out, the strongest first. */
  static List<ComponentChange> of(List<MetricChange> changes, MetricNames names, CallGraph calls) {
    Set<String> called = calls.called();
    Map<String, Map<String, List<MetricChange>>> all = new HashMap<>();
    for (MetricChange change : changes) {
      MetricSeries series = change.series();
      if (names.meaning(series.metric()) != MetricMeaning.LOAD
          || !called.contains(series.component())) {
        all.computeIfAbsent(series.component(), c -> new HashMap<>())
            .computeIfAbsent(names.measured(series.metric()), m -> new ArrayList<>())
            .add(change);
      }
    }
    List<ComponentChange> components = new ArrayList<>();
    for (Map<String, List<MetricChange>> metrics : all.values()) {
      List<MetricChange> typical = new ArrayList<>();
      for (List<MetricChange> statistics : metrics.values()) {
        MetricChange together = together(statistics, names);
        if (together.standsOut()) {
          typical.add(together);
        }
      }
      if (!typical.isEmpty()) {
        typical.sort(STRONGEST);
        components.add(
            new ComponentChange(
                typical.get(0),
                typical.size() - 1,
                norm(typical),
                norm(
                    typical.stream()
                        .filter(c -> names.meaning(c.series().metric()).shared())
                        .toList())));
      }
    }
    components.sort(
        Comparator.comparingDouble(ComponentChange::strength)
            .reversed()
            .thenComparing(ComponentChange::name));
    return components;
  }

  /**
   * The strongest statistic of a metric, as strong as the geometric mean of it and the mean, for a
   * few calls may lift a percentile far; without a mean the second strongest of three or more.
   */
  private static MetricChange together(List<MetricChange> statistics, MetricNames names) {
    statistics.sort(STRONGEST);
    MetricChange strongest = statistics.get(0);
    MetricChange second = statistics.size() < 3 ? strongest : statistics.get(1);
    double checked =
        statistics.stream()
            .filter(s -> names.mean(s.series().metric()))
            .findFirst()
            .orElse(second)
            .strength();
    return strongest.withStrength(Math.sqrt(strongest.strength() * checked));
  }

  private static double norm(List<MetricChange> changes) {
    return Math.sqrt(changes.stream().mapToDouble(c -> c.strength() * c.strength()).sum());
  }

  String name() {
    return leading.series().component();
  }
}
