package io.foresplit.bench.report;

import io.foresplit.bench.measure.Judged;
import io.foresplit.bench.measure.Measure;
import io.foresplit.bench.measure.Run;
import io.foresplit.bench.measure.Scores;
import io.foresplit.bench.measure.Summary;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Predicate;
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

  /**
   * A line a strategy with intervals, then a line a kind for the product with that of its lead, of
   * scoring runs. Where there are runs of several runtimes, a line is of one of them, and those of
   * one thing stand together.
   *
   * @param runtime of the only runs, or of those that come first
   */
  public static List<String> lines(String runtime, List<Run> runs) {
    Evaluation evaluation = Evaluation.of(runtime, runs);
    SortedMap<String, List<Judged>> scoring =
        new TreeMap<>(
            Comparator.comparing((String one) -> !one.equals(runtime))
                .thenComparing(Comparator.naturalOrder()));
    scoring.put(runtime, evaluation.of(Evaluation.SCORING));
    evaluation
        .where(run -> run.use().equals(Evaluation.SCORING) && !run.runtime().equals(runtime))
        .forEach(
            judged ->
                scoring
                    .computeIfAbsent(judged.run().runtime(), other -> new ArrayList<>())
                    .add(judged));
    List<String> lines = new ArrayList<>();
    lines.add("Scoring, median over seeds [95 % interval]");
    List<List<String>> rows = new ArrayList<>();
    rows.add(heads("strategy"));
    beside(
        scoring,
        Scores::byStrategy,
        (name, scores) -> rows.add(row(name, scores, measure -> true)));
    lines.addAll(aligned(rows));
    List<List<String>> kinds = new ArrayList<>();
    kinds.add(heads("kind"));
    beside(
        scoring,
        TextReport::productByKind,
        (name, scores) -> kinds.add(row(name, scores, Measure.LEAD_SECONDS::equals)));
    if (kinds.size() > 1) {
      lines.add("");
      lines.add("Strategy " + Evaluation.PRODUCT + ", by kind, median over seeds");
      lines.addAll(aligned(kinds));
    }
    return lines;
  }

  private static SortedMap<String, Scores> productByKind(List<Judged> runs) {
    SortedMap<String, Scores> kinds = new TreeMap<>();
    Scores.by(Run::kind, runs)
        .forEach(
            (kind, strategies) -> {
              Scores product = strategies.get(Evaluation.PRODUCT);
              if (product != null) {
                kinds.put(kind, product);
              }
            });
    return kinds;
  }

  /** Each thing of each runtime, named by both where there are several runtimes. */
  private static void beside(
      SortedMap<String, List<Judged>> runsOf,
      Function<List<Judged>, SortedMap<String, Scores>> things,
      BiConsumer<String, Scores> line) {
    Map<String, SortedMap<String, Scores>> scores = new LinkedHashMap<>();
    runsOf.forEach((runtime, runs) -> scores.put(runtime, things.apply(runs)));
    SortedSet<String> names = new TreeSet<>();
    scores.values().forEach(one -> names.addAll(one.keySet()));
    for (String name : names) {
      scores.forEach(
          (runtime, one) -> {
            Scores found = one.get(name);
            if (found != null) {
              line.accept(scores.size() > 1 ? name + ", " + runtime : name, found);
            }
          });
    }
  }

  private static List<String> heads(String first) {
    List<String> heads = new ArrayList<>(List.of(first));
    COLUMNS.forEach(column -> heads.add(column.getValue()));
    return heads;
  }

  /**
   * @param intervals of which measures
   */
  private static List<String> row(String name, Scores scores, Predicate<Measure> intervals) {
    List<String> row = new ArrayList<>(List.of(name));
    for (Map.Entry<Measure, String> column : COLUMNS) {
      Measure measure = column.getKey();
      row.add(cell(measure, scores.of(measure), intervals.test(measure)));
    }
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
