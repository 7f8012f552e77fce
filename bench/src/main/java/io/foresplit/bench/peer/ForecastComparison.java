package io.foresplit.bench.peer;

import io.foresplit.bench.data.ForecastSeries;
import io.foresplit.bench.peer.HorizonForecaster.Course;
import io.foresplit.forecaster.Quantiles;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.function.ToDoubleFunction;

/**
 * Forecasters on the same rows of the same series, each series for itself. A point forecast is the
 * median.
 */
public final class ForecastComparison {
  /** Ratios of errors are taken within these bounds: nothing is a thousand times better. */
  private static final double LEAST_RATIO = 1e-2;

  private static final double MOST_RATIO = 1e2;

  private final List<ForecastSeries> series;
  private final int context;
  private final int horizon;
  private final LongSupplier nanoTime;

  public ForecastComparison(
      List<ForecastSeries> series, int context, int horizon, LongSupplier nanoTime) {
    this.series = List.copyOf(series);
    this.context = context;
    this.horizon = horizon;
    this.nanoTime = nanoTime;
  }

  /**
   * Errors on one series.
   *
   * @param mse mean squared error
   * @param mae mean absolute error
   * @param wql weighted quantile loss: twice the pinball loss, mean over the deciles, over the mean
   *     amount of the values
   */
  public record Errors(String series, long forecasts, double mse, double mae, double wql) {}

  /**
   * What a forecaster reached.
   *
   * @param errors one a series
   * @param microsPerForecast wall time of one
   */
  public record Outcome(String forecaster, List<Errors> errors, double microsPerForecast) {
    public Outcome {
      errors = List.copyOf(errors);
    }

    public long forecasts() {
      return errors.stream().mapToLong(Errors::forecasts).sum();
    }

    /** An error, mean over all forecasts. */
    public double mean(ToDoubleFunction<Errors> error) {
      return errors.stream().mapToDouble(e -> error.applyAsDouble(e) * e.forecasts()).sum()
          / forecasts();
    }

    /** An error over that of another forecaster, geometric mean over the series. */
    public double relative(Outcome other, ToDoubleFunction<Errors> error) {
      double logs = 0;
      for (int i = 0; i < errors.size(); i++) {
        double mine = error.applyAsDouble(errors.get(i));
        double theirs = error.applyAsDouble(other.errors.get(i));
        double ratio = mine == theirs ? 1 : mine / theirs;
        logs += Math.log(Math.min(Math.max(ratio, LEAST_RATIO), MOST_RATIO));
      }
      return Math.exp(logs / errors.size());
    }
  }

  /** On how many series the first of these forecasters has the least error of them all. */
  public static int bestOn(Outcome outcome, List<Outcome> among, ToDoubleFunction<Errors> error) {
    int best = 0;
    for (int i = 0; i < outcome.errors().size(); i++) {
      int at = i;
      Outcome least =
          among.stream()
              .min(Comparator.comparingDouble(o -> error.applyAsDouble(o.errors().get(at))))
              .orElseThrow();
      best += least.equals(outcome) ? 1 : 0;
    }
    return best;
  }

  /** One forecaster; it has seen all rows before the one it forecasts from. */
  public Outcome of(HorizonForecaster forecaster) {
    long start = nanoTime.getAsLong();
    List<Errors> errors = new ArrayList<>();
    for (ForecastSeries one : series) {
      errors.add(on(one, forecaster));
    }
    long forecasts = errors.stream().mapToLong(Errors::forecasts).sum();
    double micros = (nanoTime.getAsLong() - start) / 1e3 / forecasts;
    return new Outcome(forecaster.label(), errors, micros);
  }

  private Errors on(ForecastSeries one, HorizonForecaster forecaster) {
    double[] values = one.values();
    Course course = forecaster.start(context, horizon);
    double squares = 0;
    double absolutes = 0;
    double pinball = 0;
    double amounts = 0;
    long forecasts = 0;
    for (int row = 0; row + horizon <= values.length; row++) {
      if (row >= one.firstOrigin() && (row - one.firstOrigin()) % one.every() == 0) {
        Quantiles said = course.forecast();
        for (int h = 0; h < horizon; h++) {
          double error = values[row + h] - said.median(h);
          squares += error * error;
          absolutes += Math.abs(error);
          pinball += said.pinball(h, values[row + h]);
          amounts += Math.abs(values[row + h]);
        }
        forecasts++;
      }
      course.append(values[row]);
    }
    double steps = (double) forecasts * horizon;
    if (!Double.isFinite(squares + pinball)) {
      throw new IllegalStateException(
          "forecasts of " + forecaster.label() + " must be finite, some were not");
    }
    double wql = amounts == 0 ? 0 : 2 * pinball / amounts;
    return new Errors(one.name(), forecasts, squares / steps, absolutes / steps, wql);
  }
}
