package io.foresplit.diagnoser.chat;

import io.foresplit.contract.JobSpec;
import io.foresplit.contract.Placement;
import io.foresplit.contract.PlacementPlanner;
import io.foresplit.contract.SplitTopology;
import io.foresplit.diagnoser.Words;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a step would take with another placement, as the step-time model predicts. */
public record WhatIfLookUp(Placement placement, PlacementPlanner planner)
    implements LookUp<WhatIfLookUp.Found> {
  /** The argument that says where layers would be. */
  public static final String PLACEMENT = "placement";

  @Override
  public String name() {
    return "what-if";
  }

  @Override
  public Map<String, String> arguments() {
    return Map.of(PLACEMENT, placement.describe());
  }

  @Override
  public Found in(IncidentFacts facts) {
    Optional<SplitTopology> known = facts.topology();
    if (known.isEmpty()) {
      return refused("the topology at the incident is not known");
    }
    JobSpec job = known.get().job();
    List<String> problems = new ArrayList<>(placement.violations(job));
    if (!placement.nodeOfLayer().get(0).equals(job.dataOwner())) {
      problems.add("layer 0 must stay on the data owner " + job.dataOwner());
    }
    if (!problems.isEmpty()) {
      return refused(String.join("; ", problems));
    }
    KnownConditions conditions = KnownConditions.of(facts, job);
    try {
      return new Found(
          placement,
          Optional.of(seconds(job, placement, conditions)),
          Optional.of(seconds(job, known.get().placement(), conditions)),
          "");
    } catch (IllegalArgumentException e) {
      return refused("the step-time model cannot tell: " + e.getMessage());
    }
  }

  private Seconds seconds(JobSpec job, Placement where, KnownConditions conditions) {
    return new Seconds(
        planner.predict(job, where, conditions.healthy()),
        planner.predict(job, where, conditions.measured()),
        planner.predict(job, where, conditions.forecast()));
  }

  private Found refused(String problem) {
    return new Found(placement, Optional.empty(), Optional.empty(), problem);
  }

  /** Seconds of a step under the three conditions. */
  public record Seconds(double healthy, double measured, double forecast) {
    String text() {
      return Words.seconds(forecast)
          + " under the forecast conditions, "
          + Words.seconds(measured)
          + " under the measured ones and "
          + Words.seconds(healthy)
          + " under healthy ones";
    }
  }

  /**
   * What is predicted.
   *
   * @param predicted with the placement asked for; empty when it is not allowed
   * @param asItWas with the placement of the incident
   * @param problem why it is not allowed; else empty
   */
  public record Found(
      Placement placement, Optional<Seconds> predicted, Optional<Seconds> asItWas, String problem)
      implements LookUp.Result {
    @Override
    public String text() {
      return predicted
          .map(seconds -> "a step is predicted to take " + seconds.text())
          .orElse("not allowed: " + problem);
    }
  }
}
