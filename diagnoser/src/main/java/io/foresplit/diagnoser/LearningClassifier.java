package io.foresplit.diagnoser;

import io.foresplit.contract.Cause;
import java.util.Map;

/** Tells by which cause learning suffers. Implementations are immutable. */
@FunctionalInterface
public interface LearningClassifier {
  /** Probabilities of the causes it knows; what they lack of 1 is that it is none of them. */
  Map<Cause, Double> classify(LearningFeatures features);
}
