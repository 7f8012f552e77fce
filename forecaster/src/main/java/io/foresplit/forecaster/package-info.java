/**
 * Metrics become forecasts and predicted breaches. {@link io.foresplit.forecaster.ForecastStage} is
 * a pure function of a job's log; it reads no clock and does no IO.
 */
@NullMarked
package io.foresplit.forecaster;

import org.jspecify.annotations.NullMarked;
