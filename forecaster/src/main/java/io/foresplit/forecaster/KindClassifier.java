package io.foresplit.forecaster;

import io.foresplit.contract.Degradation;

/**
 * The port to a model that says of which kind an incident is. Implementations are pure and
 * thread-safe. What is certain by itself, such as a silent node, is not asked about.
 */
@FunctionalInterface
public interface KindClassifier {
  /** Says nothing: facts alone name a kind. */
  KindClassifier NONE = features -> Degradation.UNKNOWN;

  /** The kind, or {@link io.foresplit.contract.DegradationKind#UNKNOWN} when in doubt. */
  Degradation classify(KindFeatures features);
}
