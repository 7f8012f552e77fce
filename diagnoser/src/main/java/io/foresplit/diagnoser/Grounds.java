package io.foresplit.diagnoser;

import io.foresplit.contract.Diagnosis;
import io.foresplit.contract.SplitTopology;
import java.util.List;
import java.util.Optional;

/**
 * What an answer is held against.
 *
 * @param topology in force; without one no move can be recommended
 * @param given all text that the reasoner was given about the incident
 * @param lookedUp the part of it that it had looked up
 * @param actions on offer, and moves that it had predicted
 */
public record Grounds(
    Diagnosis statistical,
    Optional<SplitTopology> topology,
    String given,
    String lookedUp,
    List<String> actions) {
  public Grounds {
    actions = List.copyOf(actions);
  }
}
