package io.foresplit.bench.report;

import io.foresplit.bench.measure.Judged;
import io.foresplit.bench.measure.Measure;
import io.foresplit.bench.measure.Run;
import io.foresplit.bench.measure.Scores;
import io.foresplit.bench.measure.Summary;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The main measures as lines for a terminal. Pure. */
public final class TextReport {
  private static final List<Map.Entry<Measure, String>> COLUMNS =
      List.of(
          Map.entry(Measure.PRECISION, "precision"),
          Map.entry(Measure.RECALL, "recall"),
          Map.entry(Measure.LEAD_SECONDS, "lead"),
          Map.entry(Measure.TIME_IN_BREACH_SECONDS, "in breach"),
          Map.entry(Measure.CAUSE_TOP1, "cause"),
          Map.entry(Measure.ABSTENTION, "abstention"),
          Map.entry(Measure.THROUGHPUT_KEPT, "throughput"),
          Map.entry(Measure.ACTIONS_PER_JOB_HOUR, "actions/h"));

  private TextReport() {}

  /** A line a strategy with intervals, then a line a kind for the product, of scoring runs. */
  public static List<String> lines(String runtime, List<Run> runs) {
    Evaluation evaluation = Evaluation.of(runtime, runs);
    List<Judged> scoring = evaluation.of(Evaluation.SCORING);
    List<String> lines = new ArrayList<>();
    lines.add("Scoring, median over seeds [95 % interval]");
    List<List<String>> rows = new ArrayList<>();
    rows.add(heads("strategy"));
    Scores.byStrategy(scoring).forEach((strategy, scores) -> rows.add(row(strategy, scores, true)));
    lines.addAll(aligned(rows));
    List<List<String>> kinds = new ArrayList<>();
    kinds.add(heads("kind"));
    Scores.by(Run::kind, scoring)
        .forEach(
            (kind, strategies) -> {
              Scores product = strategies.get(Evaluation.PRODUCT);
              if (product != null) {
                kinds.add(row(kind, product, false));
              }
            });
    if (kinds.size() > 1) {
      lines.add("");
      lines.add("Strategy " + Evaluation.PRODUCT + ", by kind, median over seeds");
      lines.addAll(aligned(kinds));
    }
    return lines;
  }

  private static List<String> heads(String first) {
    List<String> heads = new ArrayList<>(List.of(first));
    COLUMNS.forEach(column -> heads.add(column.getValue()));
    return heads;
  }

  private static List<String> row(String name, Scores scores, boolean interval) {
    List<String> row = new ArrayList<>(List.of(name));
    COLUMNS.forEach(column -> row.add(cell(column.getKey(), scores.of(column.getKey()), interval)));
    return row;
  }

  private static String cell(Measure measure, @Nullable Summary summary, boolean interval) {
    if (summary == null) {
      return "–";
    }
    String median = figure(measure, summary.median());
    String unit =
        switch (measure.unit()) {
          case SHARE -> " %";
          case SECONDS -> " s";
          case MILLIS, STEPS, NATS, PER_JOB_HOUR, PER_JOB_DAY -> "";
        };
    return interval && summary.seeds() > 1
        ? median
            + unit
            + " ["
            + figure(measure, summary.low())
            + ", "
            + figure(measure, summary.high())
            + "]"
        : median + unit;
  }

  private static String figure(Measure measure, double value) {
    return switch (measure.unit()) {
      case SHARE -> String.format(Locale.ROOT, "%.0f", value * 100);
      case SECONDS, MILLIS, STEPS, NATS, PER_JOB_HOUR, PER_JOB_DAY ->
          String.format(Locale.ROOT, Math.abs(value) < 10 ? "%.1f" : "%.0f", value);
    };
  }

  private static List<String> aligned(List<List<String>> rows) {
    List<String> lines = new ArrayList<>();
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int column = 0; column < row.size(); column++) {
        int at = column;
        int width = rows.stream().mapToInt(cells -> cells.get(at).length()).max().orElse(0);
        String pad = " ".repeat(width - row.get(column).length());
        line.append(column == 0 ? row.get(column) + pad : "  " + pad + row.get(column));
      }
      lines.add(line.toString());
    }
    return lines;
  }
}
