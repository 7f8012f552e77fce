package io.foresplit.bench.peer;

import io.foresplit.bench.data.EttTask;
import io.foresplit.bench.peer.HorizonForecaster.Course;
import java.util.function.LongSupplier;

/**
 * Forecasters on {@link EttTask}, each channel for itself, from every hour of the test months whose
 * horizon ends within them. Errors are of standardised values, by mean over channels, origins and
 * hours ahead.
 */
public final class ForecastComparison {
  private final EttTask task;
  private final LongSupplier nanoTime;

  public ForecastComparison(EttTask task, LongSupplier nanoTime) {
    this.task = task;
    this.nanoTime = nanoTime;
  }

  /**
   * What a forecaster reached.
   *
   * @param mse mean squared error
   * @param mae mean absolute error
   * @param forecasts made
   * @param microsPerForecast wall time of one, of one channel
   */
  public record Outcome(
      String forecaster, double mse, double mae, long forecasts, double microsPerForecast) {}

  /** One forecaster; it has seen all hours before the one it forecasts from. */
  public Outcome of(HorizonForecaster forecaster) {
    long start = nanoTime.getAsLong();
    double squares = 0;
    double absolutes = 0;
    long forecasts = 0;
    for (double[] channel : task.channels()) {
      Course course = forecaster.start(EttTask.CONTEXT, EttTask.HORIZON);
      for (int row = 0; row + EttTask.HORIZON <= task.testTo(); row++) {
        if (row >= task.testFrom()) {
          double[] said = course.forecast();
          for (int h = 0; h < EttTask.HORIZON; h++) {
            double error = channel[row + h] - said[h];
            squares += error * error;
            absolutes += Math.abs(error);
          }
          forecasts++;
        }
        course.append(channel[row]);
      }
    }
    double values = (double) forecasts * EttTask.HORIZON;
    if (!Double.isFinite(squares)) {
      throw new IllegalStateException(
          "forecasts of " + forecaster.label() + " must be finite, some were not");
    }
    return new Outcome(
        forecaster.label(),
        squares / values,
        absolutes / values,
        forecasts,
        (nanoTime.getAsLong() - start) / 1e3 / forecasts);
  }
}
