package io.foresplit.bench.peer;

import io.foresplit.bench.data.RootCauseCase;
import io.foresplit.bench.data.RootCauseCase.Series;
import io.foresplit.diagnoser.CallGraph;
import io.foresplit.diagnoser.MetricDiagnosis;
import io.foresplit.diagnoser.MetricTable;
import io.foresplit.diagnoser.MetricTable.MetricSeries;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * This product's diagnosis of a system of any kind, that of {@code foresplit diagnose --onset}: it
 * ranks what stands out and leaves out the rest. Rows are taken as evenly apart.
 */
public enum ForesplitRanker implements RootCauseRanker {
  /** With who calls whom. */
  CALLS_KNOWN("foresplit"),
  /** From metrics alone, as the peers. */
  CALLS_UNKNOWN("foresplit-no-graph");

  private final String label;

  ForesplitRanker(String label) {
    this.label = label;
  }

  @Override
  public String label() {
    return label;
  }

  @Override
  public Map<String, Double> scores(RootCauseCase incident) {
    List<MetricSeries> series = new ArrayList<>();
    for (Series one : incident.series()) {
      series.add(new MetricSeries(one.component(), one.metric(), one.values()));
    }
    int rows = incident.series().get(0).values().length;
    MetricDiagnosis diagnosis =
        MetricDiagnosis.of(
            new MetricTable(0, 1, rows, series),
            this == CALLS_KNOWN ? graph(incident) : CallGraph.UNKNOWN,
            OptionalDouble.of(incident.onset()));
    Map<String, Double> scores = new HashMap<>();
    for (MetricDiagnosis.Finding finding : diagnosis.ranked()) {
      scores.putIfAbsent(finding.component(), (double) -scores.size());
    }
    return scores;
  }

  private static CallGraph graph(RootCauseCase incident) {
    return new CallGraph(
        incident.calls().stream().map(c -> new CallGraph.Call(c.from(), c.to())).toList());
  }
}
