package io.foresplit.contract;

import java.util.List;

/**
 * What a language model adds to a diagnosis, after code has checked it: how the cause follows from
 * the evidence, what to do, and what would show that the cause is another one. It changes neither
 * the ranking nor the evidence.
 *
 * @param model which model it was
 * @param steps in order; each cites at least one fact of the diagnosis
 * @param recommendations best first; they are candidates for the planner and nothing more
 * @param disproof what would disprove the cause, in a plain sentence
 */
public record Reasoning(
    String model, List<Step> steps, List<Recommendation> recommendations, String disproof) {
  public Reasoning {
    steps = List.copyOf(steps);
    recommendations = List.copyOf(recommendations);
  }

  /**
   * One step of an argument.
   *
   * @param evidence ids of facts
   */
  public record Step(String claim, List<String> evidence) {
    public Step {
      evidence = List.copyOf(evidence);
    }
  }

  /** An action the model would take, and why. */
  public record Recommendation(RecoveryAction action, String reason) {}
}
