package io.foresplit.forecaster;

import io.foresplit.contract.Degradation;
import io.foresplit.contract.DegradationKind;
import io.foresplit.contract.Incident;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Of which kind an incident is: a silent node is a lost one; else a classifier is asked when the
 * incident opens and whenever it is updated. Where it is in doubt, and when the incident is
 * resolved, what was said before stands. Stateless; what was said is in the open incident.
 */
record IncidentKinds(KindClassifier classifier) {
  /** Who says what is no guess. */
  static final String FACTS = "facts/1";

  private static final Degradation NODE_LOSS = new Degradation(DegradationKind.NODE_LOSS, 1, FACTS);

  /**
   * The record of an incident with its kind.
   *
   * @param open what is remembered of it, before it is forgotten when it is resolved
   */
  Incident named(Incident incident, @Nullable OpenIncident open, Supplier<KindFeatures> features) {
    if (open == null) {
      return incident;
    }
    if (incident.phase() != Incident.Phase.RESOLVED) {
      Degradation said =
          incident.silent().isEmpty() ? classifier.classify(features.get()) : NODE_LOSS;
      if (said.isKnown() || !open.degradation().isKnown()) {
        open.setDegradation(said);
      }
    }
    return incident.withDegradation(open.degradation());
  }
}
