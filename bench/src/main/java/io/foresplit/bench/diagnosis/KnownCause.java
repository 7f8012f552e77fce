package io.foresplit.bench.diagnosis;

import io.foresplit.contract.Cause;
import io.foresplit.diagnoser.LearningFeatures;
import java.util.Optional;

/**
 * What learning looked like at an incident whose cause is known.
 *
 * @param seed of the scenario
 * @param cause of learning; empty where nothing is wrong with it
 * @param weight share of this look at its incident, so that all incidents weigh the same
 */
public record KnownCause(
    long seed, Optional<Cause> cause, LearningFeatures features, double weight) {}
