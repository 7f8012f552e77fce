package io.foresplit.bench.kind;

import io.foresplit.contract.Degradation;
import io.foresplit.contract.DegradationKind;
import io.foresplit.contract.Incident;
import io.foresplit.forecaster.KindFeatures;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A record of an incident beside what is true of it.
 *
 * @param seed of the scenario
 * @param scenario its id
 * @param fault label of what is tried in it
 * @param phase of the record
 * @param truth kinds of the faults that are there; empty where nothing is wrong
 * @param features null where facts alone named the kind
 * @param said by the stage
 * @param diagnosed kind of the first cause that the diagnoser names; unknown where it names none
 */
public record KnownIncident(
    long seed,
    String scenario,
    String fault,
    Incident.Phase phase,
    Set<DegradationKind> truth,
    @Nullable KindFeatures features,
    Degradation said,
    DegradationKind diagnosed) {
  public KnownIncident {
    truth = Set.copyOf(truth);
  }

  /** The only right answer; unknown where nothing is wrong, or several things are. */
  public DegradationKind kind() {
    return truth.size() == 1 ? truth.iterator().next() : DegradationKind.UNKNOWN;
  }
}
