package io.foresplit.app.split;

import io.foresplit.runtime.plan.CutOption;
import io.foresplit.runtime.plan.ModelGraph.Layer;
import io.foresplit.runtime.plan.SplitObjective;
import io.foresplit.runtime.plan.SplitPlan;
import io.foresplit.runtime.plan.TierNetwork.Tier;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** A {@link SplitReport} for people. Not thread-safe. */
public final class SplitScreen {
  /** Cuts shown; all are in the JSON. */
  private static final int ROWS = 8;

  private static final int TENSORS_NAMED = 3;
  private static final int NAME_LENGTH = 30;

  private final PrintWriter out;

  public SplitScreen(PrintWriter out) {
    this.out = out;
  }

  /** Shows all of it. */
  public void show(SplitReport report) {
    SplitPlan best = report.best();
    SplitObjective objective = report.request().objective();
    line(
        String.format(
            Locale.ROOT,
            "%s, %d layers: %s%s",
            report.model().name(),
            report.model().layers().size(),
            String.join(" → ", report.request().network().tierNames()),
            objective instanceof SplitObjective.Pipelined
                ? ", " + objective.microBatches() + " micro-batches in a pipeline"
                : ""));
    line("");
    line(
        String.format(
            Locale.ROOT,
            "  %s a step, %s, planned in %s",
            Units.seconds(best.stepSeconds()),
            best.optimal()
                ? "proven optimal"
                : "at most "
                    + Units.more(best.objectiveSeconds() / best.boundSeconds()).replace("+", "")
                    + " above the optimum",
            Units.seconds(report.planningSeconds())));
    move(report);
    line("");
    tiers(report);
    links(report);
    cuts(report);
    out.flush();
  }

  private void move(SplitReport report) {
    if (report.request().migration().isEmpty()) {
      return;
    }
    if (report.best().moveSeconds() == 0) {
      line("  stay: no move pays within the horizon");
    } else {
      line(
          String.format(
              Locale.ROOT, "  move: takes %s once", Units.seconds(report.best().moveSeconds())));
    }
  }

  private void tiers(SplitReport report) {
    line(
        String.format(
            Locale.ROOT, "  %-12s %6s  %-25s %9s  %s", "tier", "layers", "", "compute", "memory"));
    for (int k = 0; k < report.best().tiers().size(); k++) {
      SplitPlan.TierLoad load = report.best().tiers().get(k);
      Tier tier = report.request().network().tiers().get(k);
      List<Integer> layers = report.layersOn(k);
      line(
          String.format(
              Locale.ROOT,
              "  %-12s %6d  %-25s %9s  %s%s",
              shortened(tier.name(), 12),
              load.layers(),
              layers.isEmpty()
                  ? ""
                  : shortened(
                      name(report, layers.get(0))
                          + " … "
                          + name(report, layers.get(layers.size() - 1)),
                      25),
              Units.seconds(load.seconds()),
              Units.bytes(load.memoryBytes()),
              Double.isFinite(tier.memoryBytes()) ? " of " + Units.bytes(tier.memoryBytes()) : ""));
    }
  }

  private static String name(SplitReport report, int layer) {
    return report.model().layers().get(layer).name();
  }

  private void links(SplitReport report) {
    for (int j = 0; j < report.best().links().size(); j++) {
      SplitPlan.LinkLoad load = report.best().links().get(j);
      List<Integer> crossing = report.crossing(j);
      List<String> names = new ArrayList<>();
      crossing.stream().limit(TENSORS_NAMED).forEach(v -> names.add(name(report, v)));
      line(
          String.format(
              Locale.ROOT,
              "  %s → %s: %s",
              report.tierName(j),
              report.tierName(j + 1),
              crossing.isEmpty()
                  ? "nothing crosses"
                  : String.format(
                      Locale.ROOT,
                      "%s, %s up, %s down (%s%s)",
                      Units.seconds(load.seconds()),
                      Units.bytes(load.upBytes()),
                      Units.bytes(load.downBytes()),
                      String.join(", ", names),
                      crossing.size() > TENSORS_NAMED
                          ? " and " + (crossing.size() - TENSORS_NAMED) + " more"
                          : "")));
    }
  }

  private void cuts(SplitReport report) {
    if (report.cuts().isEmpty() || report.best().links().isEmpty()) {
      return;
    }
    line("");
    String rest = report.best().links().size() > 1 ? ", the rest placed best" : "";
    line(String.format(Locale.ROOT, "  %-46s %9s", "cut on " + report.tierName(0) + rest, "step"));
    double best = report.best().objectiveSeconds();
    boolean among = report.others().size() < report.cuts().size();
    if (!among) {
      row("best: not along the layer order", best, "");
    }
    int shown = 0;
    for (CutOption cut : sorted(report.cuts())) {
      boolean chosen = cut.tierOfLayer().equals(report.best().tierOfLayer());
      if (shown < ROWS || chosen) {
        row(
            place(report, cut.nearLayers()),
            cut.objectiveSeconds(),
            chosen ? "best" : Units.more(cut.objectiveSeconds() / best));
        shown++;
      }
    }
    if (report.cuts().size() > ROWS) {
      line(
          String.format(
              Locale.ROOT, "  … and %d slower; --json has all", report.cuts().size() - shown));
    }
  }

  private static List<CutOption> sorted(List<CutOption> cuts) {
    return cuts.stream().sorted(Comparator.comparingDouble(CutOption::objectiveSeconds)).toList();
  }

  private void row(String place, double seconds, String note) {
    line(String.format(Locale.ROOT, "  %-46s %9s  %s", place, Units.seconds(seconds), note));
  }

  private static String place(SplitReport report, int nearLayers) {
    List<Layer> layers = report.model().layers();
    if (nearLayers == 0) {
      return "before the first layer";
    }
    if (nearLayers == layers.size()) {
      return "after the last layer";
    }
    Layer layer = layers.get(nearLayers - 1);
    return "after "
        + layer.name()
        + (layer.operation().isBlank() ? "" : " " + shortened(layer.operation(), NAME_LENGTH));
  }

  private static String shortened(String text, int length) {
    return text.length() <= length ? text : text.substring(0, length - 1) + "…";
  }

  private void line(String text) {
    out.println(text.stripTrailing());
  }
}
