package io.foresplit.diagnoser.chat;

import io.foresplit.contract.SplitTopology;
import java.util.Map;
import java.util.Optional;

/** Where the layers were at the incident, and where they are now. */
public record TopologyLookUp() implements LookUp<TopologyLookUp.Found> {
  @Override
  public String name() {
    return "topology";
  }

  @Override
  public Map<String, String> arguments() {
    return Map.of();
  }

  @Override
  public Found in(IncidentFacts facts) {
    return new Found(facts.topology(), facts.present());
  }

  /** Both are empty when no topology of the job is known. */
  public record Found(Optional<SplitTopology> atIncident, Optional<SplitTopology> present)
      implements LookUp.Result {
    @Override
    public String text() {
      return atIncident.map(t -> "at the incident " + text(t)).orElse("not known at the incident")
          + present.map(t -> ", now " + text(t)).orElse("");
    }

    private static String text(SplitTopology topology) {
      return topology.placement().describe() + " at epoch " + topology.epoch();
    }
  }
}
