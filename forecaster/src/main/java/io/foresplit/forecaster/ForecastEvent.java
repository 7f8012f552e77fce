package io.foresplit.forecaster;

import io.foresplit.contract.BreachRisk;
import io.foresplit.contract.Forecast;
import io.foresplit.contract.Incident;
import java.util.List;

/** What {@link ForecastStage} decides at a tick. */
public sealed interface ForecastEvent {
  /** A series was forecast. */
  record ForecastMade(Forecast forecast) implements ForecastEvent {}

  /** The risk of each armed objective that could be judged; for gauges. */
  record RisksJudged(long interval, List<BreachRisk> risks) implements ForecastEvent {
    public RisksJudged {
      risks = List.copyOf(risks);
    }
  }

  /** An incident was opened, updated or resolved. */
  record IncidentChanged(Incident incident) implements ForecastEvent {}
}
