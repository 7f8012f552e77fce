package io.foresplit.forecaster;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Forecasts a series that nothing is known of, with the forecasters, the selector and the
 * calibration of the service. The series need be no rate and no slowdown: it is modelled on a
 * linear scale, as distances from its own median in units of its own spread. Forecasters are judged
 * over the whole horizon by backtests on the values kept; they are made when a forecast is asked
 * for, so a value costs next to nothing. The season is looked for in more values than a forecast is
 * made from. Deterministic; mutable, not thread-safe.
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

  /** Steps of a backtest that are judged, spread evenly, the last one among them. */
  private static final int JUDGED_STEPS = 24;

  /** Share of the context after which the season is looked for again. */
  private static final int SEASONS_A_CONTEXT = 8;

  private final Panel panel;
  private final int context;
  private final int horizon;
  private final int stride;
  private final ForecasterSelector selector;
  private final Calibration calibration = new Calibration();
  private final double[] ring;
  private Season season = Season.NONE;
  private long nextSearch;
  private long count;
  private long judged;

  /**
   * @param context most values a forecast is made from, {@value #LEAST_VALUES} to {@value
   *     #MOST_CONTEXT}
   * @param horizon intervals ahead, positive
   */
  public SeriesForecaster(int context, int horizon) {
    this(context, horizon, Panel.BASELINES.members());
  }

  /**
   * The same with other forecasters.
   *
   * @param forecasters of which those with the least loss in backtests are mixed
   */
  public SeriesForecaster(int context, int horizon, List<Forecaster> forecasters) {
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
    this.panel = new Panel(forecasters);
    this.selector = new ForecasterSelector(panel.size(), 1);
    int backtested = Math.addExact(context + horizon, BACKTESTS * stride);
    this.ring = new double[Math.max(backtested, Math.min(4 * context, Season.MOST_VALUES))];
  }

  /** What there is to mix without a model. */
  public static List<Forecaster> baselines() {
    return Panel.BASELINES.members();
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
    return served().map(Served::quantiles);
  }

  /** As {@link #forecast}, with the names of who made it and their shares. */
  public Optional<Served> served() {
    double[] window = window(count, context);
    double[] present = Robust.present(window);
    if (present.length < LEAST_VALUES) {
      return Optional.empty();
    }
    Norm norm = Norm.of(present);
    if (norm.spread() == 0) {
      return Optional.of(new Served(constant(norm.center()), "constant/1"));
    }
    if (count >= nextSearch) {
      season = Season.of(window(count, Season.MOST_VALUES), context);
      nextSearch = count + Math.max(1, context / SEASONS_A_CONTEXT);
    }
    double[] trust = panel.trust(window);
    judge(trust);
    Served mixed = Panel.mixed(selector.mix(trust), ask(List.of(norm.toModel(window))).get(0));
    Quantiles quantiles = calibration.adjusted(mixed.quantiles()).map(norm::toNatural);
    return Optional.of(new Served(quantiles, mixed.forecaster()));
  }

  private List<List<Served>> ask(List<double[]> windows) {
    return panel.ask(windows, windows.stream().map(season::within).toList(), horizon);
  }

  /** Backtests that became possible since the last forecast, all asked for together. */
  private void judge(double[] trust) {
    long first = Math.max(judged + stride, count - (long) (BACKTESTS - 1) * stride);
    List<double[]> known = new ArrayList<>();
    List<double[]> truths = new ArrayList<>();
    for (long end = first; end <= count; end += stride) {
      judged = end;
      double[] window = end <= horizon ? new double[0] : window(end - horizon, context);
      double[] present = Robust.present(window);
      Norm norm = Norm.of(present);
      if (present.length >= LEAST_VALUES && norm.spread() > 0) {
        known.add(norm.toModel(window));
        truths.add(norm.toModel(window(end, horizon)));
      }
    }
    List<List<Served>> said = ask(known);
    for (int i = 0; i < said.size(); i++) {
      learn(Panel.quantiles(said.get(i)), truths.get(i), trust);
    }
  }

  private void learn(List<Quantiles> said, double[] truth, double[] trust) {
    Quantiles mixed = selector.mix(trust).of(said);
    double[] losses = new double[said.size()];
    int judgedSteps = 0;
    int every = (horizon + JUDGED_STEPS - 1) / JUDGED_STEPS;
    for (int step = (horizon - 1) % every; step < horizon; step += every) {
      if (!Double.isNaN(truth[step])) {
        judgedSteps++;
        for (int i = 0; i < losses.length; i++) {
          losses[i] += said.get(i).pinball(step, truth[step]);
        }
        calibration.learn(step, mixed.column(step), truth[step]);
      }
    }
    if (judgedSteps > 0) {
      int steps = judgedSteps;
      selector.learn(0, Arrays.stream(losses).map(loss -> loss / steps).toArray(), trust);
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
