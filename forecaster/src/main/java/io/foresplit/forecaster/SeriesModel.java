package io.foresplit.forecaster;

import io.foresplit.contract.SeriesKey;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** What is learnt of one series. Mutable, not thread-safe. */
final class SeriesModel {
  private final SeriesKey series;
  private final ForecasterSelector selector;
  private HealthyRange healthy = HealthyRange.UNKNOWN;

  SeriesModel(SeriesKey series, int forecasters) {
    this.series = series;
    this.selector = new ForecasterSelector(forecasters);
  }

  HealthyRange healthy() {
    return healthy;
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

  /** The same with a forecast, where there are enough values; learns which forecaster is right. */
  Reading forecast(Reading looked, List<Forecaster> forecasters, int leastValues, int horizon) {
    double[] model = looked.model();
    boolean outside = Math.abs(looked.badness()) >= HealthyRange.OUTSIDE_SIGMAS;
    selector.learn(forecasters, model, leastValues, !outside);
    if (Robust.countPresent(model) < leastValues) {
      return looked;
    }
    Forecaster chosen = selector.choose(forecasters, outside);
    Quantiles quantiles = selector.calibrated(chosen.forecast(model, horizon), outside);
    return looked.with(new Outlook(quantiles.map(looked.scale()::toNatural), chosen.name()));
  }

  void writeTo(DataOutput out) throws IOException {
    selector.writeTo(out);
    healthy.writeTo(out);
  }

  void readFrom(DataInput in) throws IOException {
    selector.readFrom(in);
    healthy = HealthyRange.readFrom(in);
  }

  /** Quantiles on the natural scale, and who made them. */
  record Outlook(Quantiles quantiles, String forecaster) {}

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
