package io.foresplit.app.bench.runtime;

import io.foresplit.app.bench.runtime.RuntimeReport.Fading;
import io.foresplit.app.bench.runtime.RuntimeReport.FadingAlone;
import io.foresplit.app.bench.runtime.RuntimeReport.FadingSimulated;
import io.foresplit.app.bench.runtime.RuntimeReport.FixedCut;
import io.foresplit.app.bench.runtime.RuntimeReport.Machine;
import io.foresplit.app.bench.runtime.RuntimeReport.Move;
import io.foresplit.app.bench.runtime.RuntimeReport.Recovery;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** A report for people, as Markdown. Pure. */
final class RuntimeTable {
  private RuntimeTable() {}

  static List<String> of(RuntimeReport report) {
    List<String> lines = new ArrayList<>();
    Move move = report.move();
    Move restarted = report.restart().move();
    Recovery recovery = report.recovery();
    Recovery restart = report.restart().recovery();
    lines.add("| | Foresplit, live | Checkpoint and restart |");
    lines.add("|---|---|---|");
    lines.add(row("Move: pause, ms", spread(move.pause(), 0), spread(restarted.pause(), 0)));
    lines.add(
        row(
            "Move: longest gap between steps beyond the usual, ms",
            spread(move.gapMillis(), 0),
            spread(restarted.gapMillis(), 0)));
    lines.add(
        row("Move: steps lost", spread(move.lostSteps(), 0), spread(restarted.lostSteps(), 0)));
    lines.add(
        row(
            "Kill: seconds to the next step",
            spread(recovery.spread(), 2),
            spread(restart.spread(), 2)));
    lines.add(
        row("Kill: steps lost", spread(recovery.lostSteps(), 0), spread(restart.lostSteps(), 0)));
    lines.add(
        row("Kill: steps done again with another loss", otherwise(recovery), otherwise(restart)));
    lines.add(
        row(
            String.format(
                Locale.ROOT,
                "Throughput kept at one kill every %.0f s",
                report.setting().killEverySeconds()),
            kept(report.throughputKept(), report.throughputKeptInWindows()),
            kept(report.restart().throughputKept(), report.restart().throughputKeptInWindows())));
    lines.add("");
    lines.addAll(fading(report.adaptive()));
    lines.add("");
    lines.add(machine(report.machine()));
    return List.copyOf(lines);
  }

  /** The part on the fading link alone. */
  static List<String> of(FadingAlone alone) {
    List<String> lines = new ArrayList<>(fading(alone.adaptive()));
    lines.add("");
    lines.add(
        alone.problems().isEmpty()
            ? String.format(
                Locale.ROOT,
                "Layers are late against pacing by %.1f %% of a step before and %.1f %% after.",
                100 * alone.excessBefore(),
                100 * alone.excessAfter())
            : distrusted(String.join("; ", alone.problems())));
    return List.copyOf(lines);
  }

  /** The fading link in virtual time. */
  static List<String> of(FadingSimulated simulated) {
    List<String> lines = new ArrayList<>();
    List<Fading> seeds = simulated.seeds();
    lines.add(
        seeds.get(0).fixed().stream()
            .map(FixedCut::placement)
            .collect(
                Collectors.joining(
                    " | ", "| Seed, simulated | ", " | Re-split | Moves | Over the best fixed |")));
    lines.add("|---".repeat(seeds.get(0).fixed().size() + 4) + "|");
    for (Fading seed : seeds) {
      lines.add(
          seed.fixed().stream()
              .map(cut -> number(cut.seconds(), 1))
              .collect(
                  Collectors.joining(
                      " | ",
                      "| " + seed.seed() + " | ",
                      String.format(
                          Locale.ROOT,
                          " | %.1f | %d | %.2f |",
                          seed.seconds(),
                          seed.moves(),
                          seed.overBestFixed()))));
    }
    lines.add("");
    Spread over = simulated.overBestFixed();
    lines.add(
        String.format(
            Locale.ROOT,
            "Simulated, %d steps a seed: adaptive takes %.2f (%.2f to %.2f, n = %d) of the time of the"
                + " best fixed cut of each seed, known only in hindsight, and %.2f of the one cut that"
                + " is best for all seeds together.",
            seeds.get(0).steps(),
            over.median(),
            over.min(),
            over.max(),
            over.count(),
            simulated.overBestCut()));
    return List.copyOf(lines);
  }

  private static List<String> fading(Fading fading) {
    List<String> lines = new ArrayList<>();
    lines.add(
        String.format(Locale.ROOT, "| %d steps on a fading link | Seconds |", fading.steps()));
    lines.add("|---|---|");
    for (FixedCut cut : fading.fixed()) {
      lines.add(String.format(Locale.ROOT, "| %s, fixed | %.1f |", cut.placement(), cut.seconds()));
    }
    lines.add(
        String.format(
            Locale.ROOT, "| re-split %d times | %.1f |", fading.moves(), fading.seconds()));
    lines.add("");
    lines.add(
        String.format(
            Locale.ROOT,
            "Adaptive takes %.2f of the time of the best fixed cut, known only in hindsight (%s), and"
                + " %.2f of the worst.",
            fading.overBestFixed(),
            fading.overBestFixed() < 1 ? "it wins" : "it loses",
            fading.overWorstFixed()));
    return lines;
  }

  static String machine(Machine machine) {
    return machine.adequate()
        ? String.format(
            Locale.ROOT,
            "Machine: %d processors; layers are late against pacing by %.1f %% of a step before and"
                + " %.1f %% after, steps without faults take %.1f %% more than predicted.",
            machine.processors(),
            100 * machine.excessBefore(),
            100 * machine.excessAfter(),
            100 * machine.slip())
        : distrusted(machine.reason());
  }

  static String distrusted(String why) {
    return "THIS MACHINE IS TOO SMALL OR BUSY, figures are not to be trusted: " + why;
  }

  private static String row(String what, String live, String restart) {
    return "| " + what + " | " + live + " | " + restart + " |";
  }

  private static String spread(Spread spread, int digits) {
    String median = number(spread.median(), digits);
    return spread.count() == 1
        ? median
        : median
            + " ("
            + number(spread.min(), digits)
            + " to "
            + number(spread.max(), digits)
            + ", n = "
            + spread.count()
            + ")";
  }

  private static String otherwise(Recovery recovery) {
    return recovery.redoneOtherwise() + " of " + recovery.redone();
  }

  private static String number(double value, int digits) {
    return BigDecimal.valueOf(value).setScale(digits, RoundingMode.HALF_UP).toPlainString();
  }

  private static String kept(double kept, List<Double> windows) {
    return String.format(
        Locale.ROOT,
        "%.3f (%s)",
        kept,
        windows.stream()
            .map(window -> String.format(Locale.ROOT, "%.3f", window))
            .collect(Collectors.joining(", ")));
  }
}
