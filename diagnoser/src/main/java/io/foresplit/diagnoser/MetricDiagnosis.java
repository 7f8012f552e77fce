package io.foresplit.diagnoser;

import io.foresplit.diagnoser.MetricTable.MetricSeries;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Collectors;

/**
 * The likely origin of trouble in a system of any kind, from its metrics alone.
 *
 * @param ranked components that stand out, the likeliest origin first, each with the metric that
 *     changed most
 * @param abstained whether nothing stands out; {@code ranked} is empty then
 * @param onsetSeconds when trouble began, as given or as estimated, in seconds of the epoch; empty
 *     when none was given and no shift of the series stands out
 */
public record MetricDiagnosis(
    List<Finding> ranked, boolean abstained, OptionalDouble onsetSeconds) {
  /** What is shared with callers and goes so many times as far as usual is felt by users. */
  private static final double FELT = 10;

  public MetricDiagnosis {
    ranked = List.copyOf(ranked);
  }

  /**
   * A component that stands out.
   *
   * @param metric its metric that changed most
   * @param score share of the belief that it is the origin, in [0, 1]; what the shares of all leave
   *     to 1 is the belief that it is none of them
   * @param evidence what was seen, for people
   */
  public record Finding(String component, String metric, double score, String evidence) {}

  /**
   * Diagnoses a table.
   *
   * @param calls {@link CallGraph#UNKNOWN} when not known
   * @param onset when trouble began, in seconds of the epoch; estimated when empty
   */
  public static MetricDiagnosis of(MetricTable table, CallGraph calls, OptionalDouble onset) {
    MetricNames names = new MetricNames();
    Optional<MetricOnset> estimate =
        onset.isPresent() ? Optional.empty() : MetricOnset.estimate(table, names);
    if (onset.isEmpty() && estimate.isEmpty()) {
      return new MetricDiagnosis(List.of(), true, onset);
    }
    double from = onset.orElseGet(() -> estimate.orElseThrow().seconds());
    OnsetWindow window = OnsetWindow.of(table, from);
    List<ComponentChange> changes =
        ComponentChange.of(changes(table.series(), window, names), names, calls);
    boolean felt =
        estimate.filter(MetricOnset::felt).isPresent()
            || changes.stream().anyMatch(c -> c.shared() >= FELT);
    double none = felt ? Origins.NONE_IF_FELT : Origins.NONE_IF_NOT_FELT;
    List<Finding> ranked =
        new Origins(calls, onset.isPresent() ? Origins.NONE : none).rank(changes);
    return new MetricDiagnosis(ranked, ranked.isEmpty(), OptionalDouble.of(from));
  }

  private static List<MetricChange> changes(
      List<MetricSeries> series, OnsetWindow window, MetricNames names) {
    List<Baseline> baselines =
        series.stream().flatMap(s -> Baseline.of(s, window).stream()).toList();
    Map<String, Double> spreads = new HashMap<>();
    baselines.stream()
        .filter(b -> !b.still())
        .collect(Collectors.groupingBy(b -> b.series().metric()))
        .forEach(
            (metric, same) -> {
              double[] all = same.stream().mapToDouble(Baseline::quartiles).toArray();
              spreads.put(metric, Robust.select(all, all.length / 2));
            });
    List<MetricChange> changes = new ArrayList<>();
    for (Baseline base : baselines) {
      String metric = base.series().metric();
      double others = spreads.getOrDefault(metric, 0.0);
      MetricChange.of(base, window, names.meaning(metric), others).ifPresent(changes::add);
    }
    return changes;
  }
}
