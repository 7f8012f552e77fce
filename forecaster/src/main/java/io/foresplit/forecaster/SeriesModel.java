package io.foresplit.forecaster;

import io.foresplit.contract.SeriesKey;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is learnt of one series: where it is healthy, which forecasters are right, and how far off.
 * Mutable, not thread-safe.
 */
final class SeriesModel {
  /** Share of the way out of a healthy range from which a series is not calm. */
  private static final double NEAR_OUTSIDE = 0.6;

  /** Bound of the calibration of the forecaster that follows a trend, in sigmas. */
  private static final double MOST_OFFSET_OF_TREND = 0.5;

  private final SeriesKey series;
  private final Panel panel;
  private final PendingForecasts pending;
  private final ForecasterSelector selector;
  private final Calibration usual = new Calibration();
  private final Calibration trend = new Calibration(MOST_OFFSET_OF_TREND);
  private HealthyRange healthy = HealthyRange.UNKNOWN;
  private @Nullable KeptForecast kept;

  SeriesModel(SeriesKey series, Panel panel, int horizon) {
    this.series = series;
    this.panel = panel;
    this.pending = new PendingForecasts(horizon);
    this.selector = new ForecasterSelector(panel.size(), pending.lags());
  }

  HealthyRange healthy() {
    return healthy;
  }

  void setHealthy(HealthyRange range) {
    healthy = range;
  }

  void learnHealthy(double[] modelWindow, int enough) {
    healthy = healthy.learn(modelWindow, series.metric(), enough);
  }

  void recenter(double modelLevel) {
    healthy = healthy.centered(modelLevel);
  }

  /** Reads the series at a tick, without a forecast. */
  Reading look(double[] window) {
    Scale scale = Scale.of(series.metric());
    double[] model = scale.toModel(window);
    double badness = healthy.levelBadness(model, series.metric());
    return new Reading(series, scale, model, badness, healthy.sigma(), Optional.empty());
  }

  /** Whether nothing of the series has left its healthy range, or is near to. */
  static boolean isCalm(Reading looked) {
    return Math.abs(looked.badness()) < HealthyRange.OUTSIDE_SIGMAS * NEAR_OUTSIDE;
  }

  /**
   * The same with the forecast made last, as it goes on from now; empty when a new one is due.
   *
   * @param now interval of the last value
   * @param calmTicks intervals for which a forecast of a calm series serves
   */
  Optional<Reading> goingOn(Reading looked, long now, int calmTicks) {
    KeptForecast last = kept;
    if (last == null || !isCalm(looked) || now - last.made() >= calmTicks) {
      return Optional.empty();
    }
    Quantiles quantiles = last.at(now).map(looked.scale()::toNatural);
    return Optional.of(looked.with(new Outlook(quantiles, last.forecaster(), false)));
  }

  /** What was forecast is of another cut. */
  void onEpoch() {
    kept = null;
  }

  /**
   * The same with a new forecast; learns from what was forecast before. Outside its healthy range a
   * series is followed by the forecaster that sees a bend soonest, and nothing is learnt: errors
   * are of the change then, not of the noise, and would hide the next one.
   *
   * @param said of the window looked at by each forecaster of the panel
   * @param now interval of the last value
   */
  Reading forecast(Reading looked, List<Served> said, long now) {
    boolean outside = Math.abs(looked.badness()) >= HealthyRange.OUTSIDE_SIGMAS;
    double[] trust = panel.trust(looked.model());
    PendingForecasts.Judge judge =
        (lag, step, columns, actual) -> learn(lag, step, columns, actual, trust);
    pending.settle(now, looked.model(), outside ? (lag, step, columns, actual) -> {} : judge);
    Mix mix = outside ? Mix.only(panel.follower(), panel.size()) : selector.mix(trust);
    Served mixed = Panel.mixed(mix, said);
    if (!outside) {
      pending.add(now, Panel.quantiles(said), mixed.quantiles());
    }
    Quantiles calibrated = (outside ? trend : usual).adjusted(mixed.quantiles());
    kept = KeptForecast.of(now, calibrated, mixed.forecaster());
    Quantiles quantiles = kept.at(now).map(looked.scale()::toNatural);
    return looked.with(new Outlook(quantiles, mixed.forecaster(), true));
  }

  private void learn(int lag, int step, List<double[]> said, double actual, double[] trust) {
    double[] losses = new double[panel.size()];
    Arrays.setAll(losses, i -> Quantiles.pinball(said.get(i), actual));
    selector.learn(lag, losses, trust);
    trend.learn(step, said.get(panel.follower()), actual);
    usual.learn(step, said.get(panel.size()), actual);
  }

  /** How well calibrated forecasts of this series are. */
  Calibration calibration() {
    return usual;
  }

  /** What depends on the forecasters: all but the healthy range. */
  void writeForecasts(DataOutput out) throws IOException {
    pending.writeTo(out);
    selector.writeTo(out);
    usual.writeTo(out);
    trend.writeTo(out);
    out.writeBoolean(kept != null);
    if (kept != null) {
      kept.writeTo(out);
    }
  }

  void readForecasts(DataInput in) throws IOException {
    pending.readFrom(in);
    selector.readFrom(in);
    usual.readFrom(in);
    trend.readFrom(in);
    kept = in.readBoolean() ? KeptForecast.readFrom(in) : null;
  }

  /**
   * Quantiles on the natural scale, and who made them.
   *
   * @param isNew whether they were made at this tick
   */
  record Outlook(Quantiles quantiles, String forecaster, boolean isNew) {}

  /**
   * A series at a tick.
   *
   * @param model the window on the model scale
   * @param badness sigmas by which the present level is outside of the healthy range, to the bad
   * @param outlook empty while there are too few values, and when it was not asked for
   */
  @SuppressWarnings("ArrayRecordComponent") // a view handed on within one tick, never compared
  record Reading(
      SeriesKey series,
      Scale scale,
      double[] model,
      double badness,
      double sigma,
      Optional<Outlook> outlook) {
    Reading with(Outlook forecast) {
      return new Reading(series, scale, model, badness, sigma, Optional.of(forecast));
    }

    /** Median of the last values present, natural scale; NaN when there are none. */
    double level(int values) {
      return scale.toNatural(Robust.level(model, values));
    }
  }
}
