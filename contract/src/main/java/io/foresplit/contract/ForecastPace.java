package io.foresplit.contract;

/**
 * How often the calm series of a job are forecast, from the next interval on: decided by whoever
 * forecasts when it cannot keep up, or can again, and recorded, so that a replay does the same.
 *
 * @param interval at which it was decided
 * @param calmTicks intervals for which a forecast of a calm series serves, positive
 */
public record ForecastPace(JobId jobId, long interval, int calmTicks) implements JobRecord {
  public ForecastPace {
    if (calmTicks < 1) {
      throw new IllegalArgumentException("calmTicks must be positive, was " + calmTicks);
    }
  }
}
