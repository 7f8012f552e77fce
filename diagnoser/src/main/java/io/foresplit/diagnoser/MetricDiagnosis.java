package io.foresplit.diagnoser;

import java.util.Comparator;
import java.util.List;
import java.util.OptionalDouble;

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
  public MetricDiagnosis {
    ranked = List.copyOf(ranked);
  }

  /**
   * A component that stands out.
   *
   * @param metric its metric that changed most
   * @param score in [0, 1]
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
    OptionalDouble from = onset.isPresent() ? onset : MetricOnset.estimate(table);
    if (from.isEmpty()) {
      return new MetricDiagnosis(List.of(), true, from);
    }
    int split =
        (int)
            Math.min(
                Math.max(
                    Math.ceil((from.getAsDouble() - table.startSeconds()) / table.stepSeconds()),
                    0),
                table.steps());
    List<MetricChange> changes =
        table.series().stream()
            .flatMap(series -> MetricChange.of(series, split).stream())
            .filter(MetricChange::standsOut)
            .sorted(
                Comparator.comparingDouble(MetricChange::strength)
                    .reversed()
                    .thenComparing(c -> c.series().component())
                    .thenComparing(c -> c.series().metric()))
            .toList();
    List<Finding> ranked = new Origins(calls).rank(changes);
    return new MetricDiagnosis(ranked, ranked.isEmpty(), from);
  }
}
