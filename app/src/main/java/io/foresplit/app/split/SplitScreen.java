package io.foresplit.app.split;

import io.foresplit.runtime.plan.CutOption;
import io.foresplit.runtime.plan.ModelGraph.Layer;
import io.foresplit.runtime.plan.SplitObjective;
import io.foresplit.runtime.plan.SplitPlan;
import io.foresplit.runtime.plan.TierNetwork.Tier;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A {@link SplitReport} for people. Not thread-safe. */
public final class SplitScreen {
  /** Cuts shown; all are in the JSON. */
  private static final int ROWS = 8;

  private static final int TENSORS_NAMED = 3;
  private static final int TIERS_IN_TABLE = 3;
  private static final String CELL = " %8s";

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
            "%s, %d layers, raw data on %s: %s%s",
            report.model().name(),
            report.model().layers().size(),
            report.tierName(0),
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
                : String.format(
                    Locale.ROOT,
                    "at most %.2f %% above the optimum",
                    Math.ceil(1e4 * (best.objectiveSeconds() / best.boundSeconds() - 1)) / 100),
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
                          + (layers.size() == 1
                              ? ""
                              : " … " + name(report, layers.get(layers.size() - 1))),
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

  /** What each of the cheapest cuts costs, and where its time goes. */
  private void cuts(SplitReport report) {
    if (report.cuts().isEmpty() || report.best().links().isEmpty()) {
      return;
    }
    boolean parts = report.best().tiers().size() <= TIERS_IN_TABLE;
    line("");
    StringBuilder head = new StringBuilder(row("cut of " + report.tierName(0), "step", ""));
    for (int k = 0; parts && k < report.best().tiers().size(); k++) {
      head.append(k == 0 ? "" : String.format(Locale.ROOT, CELL, "link"))
          .append(String.format(Locale.ROOT, CELL, shortened(report.tierName(k), 8)));
    }
    line(head.toString());
    double best = report.best().objectiveSeconds();
    if (report.others().size() == report.cuts().size()) {
      line(
          row("not along the order of layers", Units.seconds(best), "best")
              + (parts ? parts(seconds(report.best().tiers()), links(report.best())) : ""));
    }
    int shown = 0;
    for (CutOption cut : report.cheapestFirst()) {
      boolean chosen = cut.tierOfLayer().equals(report.best().tierOfLayer());
      if (shown < ROWS || chosen) {
        line(
            row(
                    place(report, cut.nearLayers()),
                    Units.seconds(cut.objectiveSeconds()),
                    chosen ? "best" : Units.more(cut.objectiveSeconds() / best))
                + (parts ? parts(cut.tierSeconds(), cut.linkSeconds()) : ""));
        shown++;
      }
    }
    if (report.cuts().size() > shown) {
      line("  … and " + (report.cuts().size() - shown) + " slower; --json has all");
    }
  }

  private static List<Double> seconds(List<SplitPlan.TierLoad> loads) {
    return loads.stream().map(SplitPlan.TierLoad::seconds).toList();
  }

  private static List<Double> links(SplitPlan plan) {
    return plan.links().stream().map(SplitPlan.LinkLoad::seconds).toList();
  }

  private static String row(String place, String seconds, String note) {
    return String.format(Locale.ROOT, "  %-31s %8s %-8s", place, seconds, note);
  }

  private static String parts(List<Double> tiers, List<Double> links) {
    StringBuilder parts = new StringBuilder();
    for (int k = 0; k < tiers.size(); k++) {
      if (k > 0) {
        parts.append(String.format(Locale.ROOT, CELL, Units.seconds(links.get(k - 1))));
      }
      parts.append(String.format(Locale.ROOT, CELL, Units.seconds(tiers.get(k))));
    }
    return parts.toString();
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
    String operation = layer.operation().replaceFirst("\\(.*", "");
    return shortened("after " + layer.name() + (operation.isBlank() ? "" : " " + operation), 31);
  }

  private static String shortened(String text, int length) {
    return text.length() <= length ? text : text.substring(0, length - 1) + "…";
  }

  private void line(String text) {
    out.println(text.stripTrailing());
  }
}
