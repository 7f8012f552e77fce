package io.foresplit.forecaster.stream;

import io.foresplit.contract.BreachRisk;
import io.foresplit.contract.Forecast;
import io.foresplit.contract.Incident;
import io.foresplit.contract.JobId;
import java.util.List;

/**
 * Hears what the forecaster does, for metrics and tests. Called on stream threads: implementations
 * are thread-safe and quick.
 */
public interface ForecasterListener {
  ForecasterListener NONE = new ForecasterListener() {};

  /** A record that could not be read was skipped. */
  default void undecodable(String reason) {}

  /** Stored state of a job could not be read; the job begins anew. */
  default void stateDiscarded(JobId job, String reason) {}

  /** An interval of a job was judged. */
  default void risksJudged(JobId job, long interval, List<BreachRisk> risks) {}

  /** Shares of recent truths at or below each decile that was forecast. */
  default void coverageMeasured(JobId job, List<Double> below) {}

  default void forecastMade(JobId job, Forecast forecast) {}

  default void incidentChanged(Incident incident) {}
}
