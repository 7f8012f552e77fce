package io.foresplit.forecaster;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Forecasts a series that nothing is known of, with the forecasters and the selector of the
 * service. The series need be no rate and no slowdown: it is modelled on a linear scale, as
 * distances from its own median in units of its own spread. Forecasters are judged at the far end
 * of the horizon by backtests on the values kept; they are made when a forecast is asked for, so a
 * value costs next to nothing. Deterministic; mutable, not thread-safe.
 */
public final class SeriesForecaster {
  /** Values a forecast is made from unless said otherwise. */
  public static final int DEFAULT_CONTEXT = 512;

  /** The most values a forecast can be made from. */
  public static final int MOST_CONTEXT = 65_536;

  /** The largest amount of a value; larger ones leave no room for what follows them. */
  public static final double MOST_VALUE = 1e300;

  /** Fewest values present that a forecast is made from. */
  public static final int LEAST_VALUES = Forecaster.LEAST_VALUES;

  /** Backtests that the judgement of a series nobody has asked about before rests on. */
  private static final int BACKTESTS = 32;

  /** Least values between two backtests. */
  private static final int LEAST_STRIDE = 9;

  private static final List<Forecaster> FORECASTERS = ForecastStage.BASELINES;

  private final int context;
  private final int horizon;
  private final int stride;
  private final ForecasterSelector selector;
  private final double[] ring;
  private long count;
  private long judged;

  /**
   * @param context most values a forecast is made from, {@value #LEAST_VALUES} to {@value
   *     #MOST_CONTEXT}
   * @param horizon intervals ahead, positive
   */
  public SeriesForecaster(int context, int horizon) {
    if (context < LEAST_VALUES || context > MOST_CONTEXT) {
      throw new IllegalArgumentException(
          "context must be between " + LEAST_VALUES + " and " + MOST_CONTEXT + ", was " + context);
    }
    if (horizon < 1) {
      throw new IllegalArgumentException("horizon must be positive, was " + horizon);
    }
    this.context = context;
    this.horizon = horizon;
    // odd, so that backtests do not always meet the same phase of a season
    this.stride = Math.max(LEAST_STRIDE, 2 * (horizon / 3) + 1);
    this.selector = new ForecasterSelector(FORECASTERS.size(), horizon);
    this.ring = new double[Math.addExact(context + horizon, BACKTESTS * stride)];
  }

  /**
   * The next value of the series.
   *
   * @param value from minus to plus {@value #MOST_VALUE}, NaN when it is missing
   */
  public void append(double value) {
    if (Math.abs(value) > MOST_VALUE) {
      throw new IllegalArgumentException(
          "value must be finite, from -"
              + MOST_VALUE
              + " to "
              + MOST_VALUE
              + ", or NaN for missing, was "
              + value);
    }
    ring[(int) (count % ring.length)] = value;
    count++;
  }

  /**
   * What follows the last value, on the scale of the series, always finite; empty while too few are
   * present.
   */
  public Optional<Quantiles> forecast() {
    double[] window = window(count, context);
    double[] present = Robust.present(window);
    if (present.length < LEAST_VALUES) {
      return Optional.empty();
    }
    Norm norm = Norm.of(present);
    if (norm.spread() == 0) {
      return Optional.of(constant(norm.center()));
    }
    judge();
    Quantiles model = selector.choose(FORECASTERS, false).forecast(norm.toModel(window), horizon);
    return Optional.of(selector.calibrated(model, false).map(norm::toNatural));
  }

  private void judge() {
    long first = Math.max(judged + stride, count - (long) (BACKTESTS - 1) * stride);
    for (long end = first; end <= count; end += stride) {
      double[] window = window(end, context + horizon);
      double[] present = Robust.present(window);
      Norm norm = Norm.of(present);
      if (present.length >= LEAST_VALUES && norm.spread() > 0) {
        selector.learn(FORECASTERS, norm.toModel(window), LEAST_VALUES, true);
      }
      judged = end;
    }
  }

  private double[] window(long end, int length) {
    int size = (int) Math.min(Math.min(length, end), ring.length - (count - end));
    double[] window = new double[Math.max(0, size)];
    Arrays.setAll(window, i -> ring[(int) ((end - window.length + i) % ring.length)]);
    return window;
  }

  private Quantiles constant(double value) {
    double[] path = new double[horizon];
    Arrays.fill(path, value);
    return Quantiles.normal(path, new double[horizon]);
  }

  /** The linear scale of a window: centre and spread, 0 when all values are one. */
  private record Norm(double center, double spread) {
    /** The furthest from the centre a value is seen, in spreads: its square is a number too. */
    private static final double FURTHEST = 1e100;

    /** Of a forecast: the distance of two is a number too. */
    private static final double LARGEST = 1e307;

    static Norm of(double[] present) {
      double center = Robust.median(present);
      double sigma = Robust.sigma(present, center);
      if (sigma > 0) {
        return new Norm(center, sigma);
      }
      double mean = Arrays.stream(present).map(v -> Math.abs(v - center)).average().orElse(0);
      return new Norm(center, mean);
    }

    double[] toModel(double[] window) {
      return Arrays.stream(window).map(v -> limited((v - center) / spread, FURTHEST)).toArray();
    }

    double toNatural(double model) {
      return limited(center + spread * model, LARGEST);
    }

    private static double limited(double value, double most) {
      return Math.max(-most, Math.min(most, value));
    }
  }
}
