package io.foresplit.app.bench.pipeline;

import io.foresplit.app.bench.pipeline.PipelineReport.Behind;
import io.foresplit.app.bench.pipeline.PipelineReport.Flow;
import io.foresplit.app.bench.pipeline.PipelineReport.Peak;
import io.foresplit.app.bench.pipeline.PipelineReport.Ratios;
import io.foresplit.app.bench.pipeline.PipelineReport.Size;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The report as two Markdown tables. */
final class PipelineTable {
  private static final String NONE = "–";

  private PipelineTable() {}

  static List<String> of(PipelineReport report) {
    List<String> lines = new ArrayList<>();
    lines.add(
        text(
            "Offered: each segment reports every %.1f s for %.0f s, %.1f metrics a report;"
                + " recovery is %s.",
            report.intervalSeconds(),
            report.seconds(),
            report.samplesPerReport(),
            report.recovery()));
    lines.add(
        "Milliseconds from publishing, median / p99: to the tick, to the forecaster's judgement, and"
            + " through the pass-through. Behind: what of the job log forecaster, diagnoser and"
            + " recovery had not read when the load ended.");
    lines.add("");
    lines.add(
        "| Segments | Reports/s | Metrics/s | Sustained | Lost | Rejected | Tick | Judged"
            + " | Pass-through | Ratio | Behind |");
    lines.add("|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|");
    report.sizes().forEach(size -> lines.add(offered(size)));
    lines.add("");
    lines.add(
        "The most metrics/s when more is offered (≥: all that was offered came out): out of the"
            + " collector, and what of it all stages had read; heap of the stages.");
    lines.add("");
    lines.add(
        "| Segments | Collector | All stages | Pass-through | Ratio: collector | all stages"
            + " | Behind | KiB a segment |");
    lines.add("|--:|--:|--:|--:|--:|--:|--:|--:|");
    report.sizes().forEach(size -> lines.add(most(size)));
    for (Size size : report.sizes()) {
      if (size.problem() != null) {
        lines.add("");
        lines.add(size.segments() + " segments were not measured to the end: " + size.problem());
      }
    }
    return lines;
  }

  /** Of both tables. */
  static List<String> rows(Size size) {
    return List.of(offered(size), most(size));
  }

  private static String offered(Size size) {
    Flow ours = size.product();
    Flow theirs = size.passThrough();
    return row(
        size,
        cell(ours, f -> text("%.0f", f.offeredReportsPerSecond())),
        cell(ours, f -> text("%.0f", f.metricsPerSecond())),
        cell(ours, f -> text("%.1f %%", 100 * f.sustained())),
        cell(ours, f -> text("%d", f.lost())),
        cell(ours, f -> text("%d", f.rejected())),
        latency(ours == null ? null : ours.latency()),
        latency(ours == null ? null : ours.judged()),
        latency(theirs == null ? null : theirs.latency()),
        cell(size.ratios(), r -> text("%.1f / %.1f", r.medianLatency(), r.p99Latency())),
        cell(size.offeredBehind(), PipelineTable::behind));
  }

  private static String most(Size size) {
    Peak ours = size.productPeak();
    Ratios ratios = size.ratios();
    Behind behind = size.behind();
    return row(
        size,
        cell(ours, PipelineTable::metrics),
        ours == null
            ? NONE
            : cell(behind, b -> text("%.0f", ours.metricsPerSecond() * (1 - b.most()))),
        cell(size.passThroughPeak(), PipelineTable::metrics),
        cell(ratios, r -> text("%.2f", r.collected())),
        cell(ratios, r -> text("%.2f", r.allStages())),
        cell(behind, PipelineTable::behind),
        cell(size.bytesPerSegment(), b -> text("%.1f", b / 1024)));
  }

  private static String metrics(Peak peak) {
    return text("%s%.0f", peak.isOfferedAll() ? "≥ " : "", peak.metricsPerSecond());
  }

  private static String behind(Behind behind) {
    return text(
        "%.0f / %.0f / %.0f %%",
        100 * behind.forecaster(), 100 * behind.diagnoser(), 100 * behind.recovery());
  }

  private static String latency(@Nullable Latency latency) {
    return cell(latency, l -> text("%.0f / %.0f", l.medianMillis(), l.p99Millis()));
  }

  private static <T> String cell(@Nullable T figure, Function<T, String> words) {
    return figure == null ? NONE : words.apply(figure);
  }

  private static String row(Size size, String... cells) {
    return "| " + size.segments() + " | " + String.join(" | ", cells) + " |";
  }

  private static String text(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
