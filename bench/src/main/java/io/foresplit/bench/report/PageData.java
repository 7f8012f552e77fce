package io.foresplit.bench.report;

import io.foresplit.bench.measure.Alarm;
import io.foresplit.bench.measure.Finding;
import io.foresplit.bench.measure.Judged;
import io.foresplit.bench.measure.Measure;
import io.foresplit.bench.measure.Truth;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What the page shows: the main parts of the report, definitions, and what its plots need. Pure.
 */
final class PageData {
  /** Points of a curve of lead times. */
  private static final int CURVE_POINTS = 60;

  private static final String MISSED = "missed";
  private static final String NOT_NAMED = "none named";

  private PageData() {}

  static SortedMap<String, Object> of(SortedMap<String, Object> report, Evaluation evaluation) {
    List<Judged> scoring = evaluation.of(Evaluation.SCORING);
    List<Judged> shown = scoring.isEmpty() ? evaluation.of(Evaluation.TUNING) : scoring;
    SortedMap<String, Object> data = new TreeMap<>();
    SortedMap<String, Object> figures = new TreeMap<>(report);
    figures.keySet().removeIf(key -> key.startsWith("tuningBy"));
    data.put("report", figures);
    data.put("measures", Arrays.stream(Measure.values()).map(PageData::definition).toList());
    data.put("leads", leads(shown));
    data.put("confusion", confusion(shown));
    data.put("timelines", Timeline.ofEachKind(shown));
    return data;
  }

  private static SortedMap<String, Object> definition(Measure measure) {
    return new TreeMap<>(
        Map.of(
            "name", measure.label(),
            "unit", measure.unit().label(),
            "better", measure.better().name(),
            "formula", measure.formula(),
            "counts", measure.counts()));
  }

  /** For each strategy that alarms, the share of faults warned of at least so long ahead. */
  private static SortedMap<String, Object> leads(List<Judged> runs) {
    SortedMap<String, List<Double>> leads = new TreeMap<>();
    for (Judged judged : runs) {
      if (!judged.run().strategy().equals(Evaluation.UNPROTECTED)) {
        judged
            .findings()
            .forEach(
                finding ->
                    leads
                        .computeIfAbsent(judged.run().strategy(), s -> new ArrayList<>())
                        .add(finding.leadSeconds()));
      }
    }
    double longest =
        leads.values().stream().flatMap(List::stream).mapToDouble(lead -> lead).max().orElse(0);
    List<Double> seconds = new ArrayList<>();
    for (int point = 0; point < CURVE_POINTS; point++) {
      seconds.add(longest * point / (CURVE_POINTS - 1));
    }
    SortedMap<String, Object> shares = new TreeMap<>();
    leads.forEach(
        (strategy, its) ->
            shares.put(strategy, seconds.stream().map(at -> share(its, at)).toList()));
    return new TreeMap<>(Map.of("seconds", seconds, "shares", shares));
  }

  /** No lead at all is no warning, so the curve begins with the share that had one. */
  private static double share(List<Double> leads, double atLeast) {
    return leads.stream().filter(lead -> lead > 0 && lead >= atLeast).count()
        / (double) leads.size();
  }

  /** True kind by first-named cause, of the product. */
  private static List<SortedMap<String, Object>> confusion(List<Judged> runs) {
    record Row(String kind, String cause) implements Comparable<Row> {
      @Override
      public int compareTo(Row other) {
        int byKind = kind.compareTo(other.kind);
        return byKind != 0 ? byKind : cause.compareTo(other.cause);
      }
    }
    SortedMap<Row, SortedMap<String, Long>> counts = new TreeMap<>();
    for (Judged judged : runs) {
      if (judged.run().strategy().equals(Evaluation.PRODUCT)) {
        for (Finding finding : judged.findings()) {
          Truth truth = finding.truth();
          Row row = new Row(truth.kind(), truth.cause() == null ? "" : truth.cause());
          String named = finding.first().map(Alarm.Candidate::cause).orElse(NOT_NAMED);
          counts
              .computeIfAbsent(row, r -> new TreeMap<>())
              .merge(finding.isDetected() ? named : MISSED, 1L, Long::sum);
        }
      }
    }
    return counts.entrySet().stream()
        .<SortedMap<String, Object>>map(
            entry ->
                new TreeMap<>(
                    Map.of(
                        "kind", entry.getKey().kind(),
                        "cause", entry.getKey().cause(),
                        "named", entry.getValue())))
        .toList();
  }
}
