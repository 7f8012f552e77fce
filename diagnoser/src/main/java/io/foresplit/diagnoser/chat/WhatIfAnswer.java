package io.foresplit.diagnoser.chat;

import io.foresplit.contract.PlacementPlanner;
import io.foresplit.contract.SplitTopology;
import io.foresplit.diagnoser.Words;
import java.util.Optional;

/** What a step would take with another placement. Says whether it is known. */
final class WhatIfAnswer {
  /** A step that changes by less than this share counts as the same. */
  private static final double SAME = 0.01;

  private final Telling telling;
  private final PlacementPlanner planner;

  WhatIfAnswer(Telling telling, PlacementPlanner planner) {
    this.telling = telling;
    this.planner = planner;
  }

  boolean answer(Proposal proposal) {
    Optional<SplitTopology> topology = telling.facts().topology();
    if (topology.isEmpty()) {
      telling.say(
          "The topology at the incident is not recorded, so I do not know what another cut would"
              + " do.");
      return false;
    }
    if (proposal instanceof Proposal.Unclear) {
      telling.say(
          "I can only tell what a step would take with other placements of the layers: ask, for"
              + " example, what if we cut after layer 1 and layer 3, or what if layers 2-3 ran on "
              + last(topology.get())
              + ".");
      return false;
    }
    Proposal.Meant meant = proposal.on(topology.get());
    if (meant.placement().isEmpty()) {
      return refused(meant.problem(), topology.get());
    }
    WhatIfLookUp.Found found = telling.look(new WhatIfLookUp(meant.placement().get(), planner));
    if (found.predicted().isEmpty() || found.asItWas().isEmpty()) {
      return refused(found.problem(), topology.get());
    }
    WhatIfLookUp.Seconds then = found.predicted().get();
    WhatIfLookUp.Seconds now = found.asItWas().get();
    telling.say(
        "With "
            + found.placement().describe()
            + (meant.remark().isEmpty() ? "" : " (" + meant.remark() + ")")
            + " the step-time model predicts "
            + then.text()
            + ".");
    if (found.placement().equals(topology.get().placement())) {
      telling.say("That is the placement of the incident.");
    } else {
      telling.say(
          "For the placement of the incident, "
              + topology.get().placement().describe()
              + ", it predicts "
              + now.text()
              + ".");
      telling.say(compared(then.forecast() / now.forecast()));
    }
    telling.say("These are predictions of the model, not measurements.");
    return true;
  }

  private static String compared(double ratio) {
    if (Math.abs(ratio - 1) < SAME) {
      return "Under the forecast conditions that makes no difference.";
    }
    return "Under the forecast conditions a step would be "
        + Words.percent(Math.abs(ratio - 1))
        + (ratio < 1 ? " shorter." : " longer.");
  }

  private boolean refused(String problem, SplitTopology topology) {
    telling.say(
        "That is not possible, since "
            + PlainText.of(problem, 300)
            + ": "
            + Proposal.allowed(topology.job())
            + ".");
    return true;
  }

  private static String last(SplitTopology topology) {
    return topology.job().nodes().get(topology.job().nodes().size() - 1).id().value();
  }
}
