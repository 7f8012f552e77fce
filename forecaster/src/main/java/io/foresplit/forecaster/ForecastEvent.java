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

  /**
   * How well the forecasts of a job are calibrated, now and then.
   *
   * @param below share of recent truths at or below each level of {@link Quantiles#LEVELS}, mean
   *     over the series whose forecasts have met truths, at the nearest distance
   */
  record CoverageMeasured(long interval, List<Double> below) implements ForecastEvent {
    public CoverageMeasured {
      below = List.copyOf(below);
    }
  }

  /** An incident was opened, updated or resolved. */
  record IncidentChanged(Incident incident) implements ForecastEvent {}
}
