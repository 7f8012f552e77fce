package io.foresplit.diagnoser;

import io.foresplit.contract.Diagnosis;
import io.foresplit.contract.SplitTopology;
import java.util.Optional;

/**
 * What an answer is held against.
 *
 * @param topology in force; without one no move can be recommended
 * @param given all text that the reasoner was given about the incident
 * @param lookedUp the part of it that it had looked up
 */
public record Grounds(
    Diagnosis statistical, Optional<SplitTopology> topology, String given, String lookedUp) {}
