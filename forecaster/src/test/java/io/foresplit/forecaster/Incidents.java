package io.foresplit.forecaster;

import io.foresplit.contract.Conditions;
import io.foresplit.contract.Incident;
import io.foresplit.contract.IncidentId;
import io.foresplit.contract.JobId;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** Incidents of a job named {@code job}, of which only the times matter. */
final class Incidents {
  private Incidents() {}

  static Incident open(String id, long onset, long opened) {
    return of(id, Incident.Phase.OPEN, onset, opened, opened);
  }

  static Incident resolved(String id, long onset, long opened, long resolved) {
    return of(id, Incident.Phase.RESOLVED, onset, opened, resolved);
  }

  private static Incident of(
      String id, Incident.Phase phase, long onset, long opened, long interval) {
    return new Incident(
        new IncidentId(id),
        new JobId("job"),
        phase,
        interval,
        opened,
        onset,
        Instant.EPOCH,
        0,
        List.of(),
        List.of(),
        new Conditions(Map.of(), Map.of()),
        new Conditions(Map.of(), Map.of()));
  }
}
