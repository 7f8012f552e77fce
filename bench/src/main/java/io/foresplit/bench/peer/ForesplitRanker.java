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
 * This product's diagnosis of a system of any kind, that of {@code foresplit diagnose}: it ranks
 * what stands out and leaves out the rest. Rows are taken as evenly apart.
 */
public enum ForesplitRanker implements RootCauseRanker {
  /** With who calls whom. */
  CALLS_KNOWN("foresplit", true, true),
  /** From metrics alone, as the peers. */
  CALLS_UNKNOWN("foresplit-no-graph", false, true),
  /** It estimates the onset, whatever the case says. */
  ONSET_UNKNOWN("foresplit-no-onset", true, false),
  /** From metrics alone, and it estimates the onset. */
  NOTHING_KNOWN("foresplit-metrics-alone", false, false);

  private final String label;
  private final boolean callsKnown;
  private final boolean onsetKnown;

  ForesplitRanker(String label, boolean callsKnown, boolean onsetKnown) {
    this.label = label;
    this.callsKnown = callsKnown;
    this.onsetKnown = onsetKnown;
  }

  @Override
  public String label() {
    return label;
  }

  @Override
  public Map<String, Double> scores(RootCauseCase incident) {
    Map<String, Double> scores = new HashMap<>();
    for (MetricDiagnosis.Finding finding : diagnosis(incident).ranked()) {
      scores.putIfAbsent(finding.component(), (double) -scores.size());
    }
    return scores;
  }

  /** All that it says. */
  public MetricDiagnosis diagnosis(RootCauseCase incident) {
    List<MetricSeries> series = new ArrayList<>();
    for (Series one : incident.series()) {
      series.add(new MetricSeries(one.component(), one.metric(), one.values()));
    }
    int rows = incident.series().get(0).values().length;
    double step = incident.stepSeconds();
    return MetricDiagnosis.of(
        new MetricTable(0, step, rows, series),
        callsKnown ? graph(incident) : CallGraph.UNKNOWN,
        onsetKnown ? OptionalDouble.of(incident.onset() * step) : OptionalDouble.empty());
  }

  private static CallGraph graph(RootCauseCase incident) {
    return new CallGraph(
        incident.calls().stream().map(c -> new CallGraph.Call(c.from(), c.to())).toList());
  }
}
