package io.foresplit.app.view;

import io.foresplit.contract.Incident;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An incident for people. Times are milliseconds since 1970.
 *
 * @param resolvedAt null while it is open
 * @param kind of degradation, as somebody says
 * @param diagnoses oldest first
 * @param actions oldest first
 */
public record IncidentView(
    String job,
    String id,
    String phase,
    long openedAt,
    long onsetAt,
    long updatedAt,
    @Nullable Long resolvedAt,
    long epoch,
    Kind kind,
    List<Risk> risks,
    List<String> silent,
    List<DiagnosisView> diagnoses,
    List<ActionView> actions) {
  /**
   * Of which kind of degradation it is.
   *
   * @param source who says so, with its version; empty when nobody does
   */
  public record Kind(String name, double probability, String source) {}

  /**
   * An objective at risk.
   *
   * @param earliestAt when the bound is crossed with a probability of 0.1, null when it is not
   * @param expectedAt when the median forecast crosses it
   * @param latestAt when it is crossed with a probability of 0.9
   */
  public record Risk(
      String objective,
      double probability,
      @Nullable Long earliestAt,
      @Nullable Long expectedAt,
      @Nullable Long latestAt,
      double current,
      boolean breached) {}

  static IncidentView of(
      Incident incident,
      long openedAt,
      long intervalMillis,
      List<DiagnosisView> diagnoses,
      List<ActionView> actions) {
    boolean resolved = incident.phase() == Incident.Phase.RESOLVED;
    return new IncidentView(
        incident.job().value(),
        incident.id().value(),
        incident.phase().name(),
        openedAt,
        (incident.onsetInterval() + 1) * intervalMillis,
        incident.at().toEpochMilli(),
        resolved ? Long.valueOf(incident.at().toEpochMilli()) : null,
        incident.epoch(),
        new Kind(
            incident.degradation().kind().label(),
            incident.degradation().probability(),
            incident.degradation().source()),
        incident.risks().stream()
            .map(
                risk ->
                    new Risk(
                        risk.objective().value(),
                        risk.probability(),
                        end(risk.earliestInterval(), intervalMillis),
                        end(risk.expectedInterval(), intervalMillis),
                        end(risk.latestInterval(), intervalMillis),
                        risk.current(),
                        risk.breached()))
            .toList(),
        incident.silent().stream().map(n -> n.value()).toList(),
        List.copyOf(diagnoses),
        List.copyOf(actions));
  }

  private static @Nullable Long end(long interval, long intervalMillis) {
    return interval < 0 ? null : Long.valueOf((interval + 1) * intervalMillis);
  }
}
