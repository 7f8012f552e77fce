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

  /** Last value ahead of each band but the last: a few intervals, a move's time, longer. */
  private static final List<Integer> BAND_ENDS = List.of(4, 16);

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
   * @param bands the same by distance, nearest first
   */
  public record Errors(
      String series, long forecasts, double mse, double mae, double wql, List<Band> bands) {
    public Errors {
      bands = List.copyOf(bands);
    }
  }

  /**
   * Errors at some distance.
   *
   * @param wql weighted quantile loss
   * @param within share of the values between the first and the last decile
   */
  public record Band(double wql, double within) {}

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

  /** The distances of a band, such as {@code 5-16}, nearest first. */
  public List<String> bands() {
    List<String> labels = new ArrayList<>();
    int from = 1;
    for (int end : BAND_ENDS) {
      labels.add(from + "-" + Math.min(end, horizon));
      from = end + 1;
      if (end >= horizon) {
        return labels;
      }
    }
    labels.add(from + "-" + horizon);
    return labels;
  }

  private Errors on(ForecastSeries one, HorizonForecaster forecaster) {
    double[] values = one.values();
    Course course = forecaster.start(context, horizon);
    List<Sums> bands = bands().stream().map(band -> new Sums()).toList();
    long forecasts = 0;
    for (int row = 0; row + horizon <= values.length; row++) {
      if (row >= one.firstOrigin() && (row - one.firstOrigin()) % one.every() == 0) {
        Quantiles said = course.forecast();
        for (int h = 0; h < horizon; h++) {
          bands.get(band(h)).add(said, h, values[row + h]);
        }
        forecasts++;
      }
      course.append(values[row]);
    }
    Sums all = new Sums();
    bands.forEach(all::add);
    if (!Double.isFinite(all.squares + all.pinball)) {
      throw new IllegalStateException(
          "forecasts of " + forecaster.label() + " must be finite, some were not");
    }
    return new Errors(
        one.name(),
        forecasts,
        all.squares / all.count,
        all.absolutes / all.count,
        all.wql(),
        bands.stream().map(band -> new Band(band.wql(), band.within / band.count)).toList());
  }

  private static int band(int step) {
    int band = 0;
    while (band < BAND_ENDS.size() && step >= BAND_ENDS.get(band)) {
      band++;
    }
    return band;
  }

  /** Errors added up; a value that is missing is no truth. Mutable. */
  private static final class Sums {
    private double squares;
    private double absolutes;
    private double pinball;
    private double amounts;
    private double within;
    private double count;

    void add(Quantiles said, int step, double value) {
      if (Double.isNaN(value)) {
        return;
      }
      double error = value - said.median(step);
      squares += error * error;
      absolutes += Math.abs(error);
      pinball += said.pinball(step, value);
      amounts += Math.abs(value);
      double[][] rows = said.rows();
      within += value >= rows[0][step] && value <= rows[rows.length - 1][step] ? 1 : 0;
      count++;
    }

    void add(Sums other) {
      squares += other.squares;
      absolutes += other.absolutes;
      pinball += other.pinball;
      amounts += other.amounts;
      within += other.within;
      count += other.count;
    }

    double wql() {
      return amounts == 0 ? 0 : 2 * pinball / amounts;
    }
  }
}
