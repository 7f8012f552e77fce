package io.foresplit.app.split;

import io.foresplit.runtime.plan.CutOption;
import io.foresplit.runtime.plan.ModelGraph;
import io.foresplit.runtime.plan.SplitPlan;
import io.foresplit.runtime.plan.SplitRequest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalDouble;

/**
 * A plan and what it was chosen from.
 *
 * @param cuts one for each number of layers that can stay on the first tier
 * @param stayingSeconds objective of the present placement, when there is one that keeps the rules
 * @param planningSeconds of the plan alone, in a JVM that has just started
 */
public record SplitReport(
    ModelGraph model,
    SplitRequest request,
    SplitPlan best,
    List<CutOption> cuts,
    OptionalDouble stayingSeconds,
    double planningSeconds) {
  private static final int RUNNERS_UP = 3;

  public SplitReport {
    cuts = List.copyOf(cuts);
  }

  List<CutOption> cheapestFirst() {
    return cuts.stream().sorted(Comparator.comparingDouble(CutOption::objectiveSeconds)).toList();
  }

  /** All cuts but the best placement, cheapest first. */
  List<CutOption> others() {
    return cheapestFirst().stream()
        .filter(cut -> !cut.tierOfLayer().equals(best.tierOfLayer()))
        .toList();
  }

  List<CutOption> runnersUp() {
    List<CutOption> others = others();
    return others.subList(0, Math.min(RUNNERS_UP, others.size()));
  }

  String tierName(int tier) {
    return request.network().tiers().get(tier).name();
  }

  /** Indices of the layers whose output crosses a link. */
  List<Integer> crossing(int link) {
    List<List<Integer>> consumers = model.consumers();
    List<Integer> crossing = new ArrayList<>();
    for (int v = 0; v < model.layers().size(); v++) {
      boolean beyond = consumers.get(v).stream().anyMatch(w -> best.tierOfLayer().get(w) > link);
      if (best.tierOfLayer().get(v) <= link && beyond) {
        crossing.add(v);
      }
    }
    return crossing;
  }

  /** Indices of the layers on a tier. */
  List<Integer> layersOn(int tier) {
    List<Integer> layers = new ArrayList<>();
    for (int v = 0; v < model.layers().size(); v++) {
      if (best.tierOfLayer().get(v) == tier) {
        layers.add(v);
      }
    }
    return layers;
  }
}
