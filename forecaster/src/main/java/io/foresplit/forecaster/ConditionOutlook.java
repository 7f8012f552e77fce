package io.foresplit.forecaster;

import static io.foresplit.forecaster.ConditionSeries.clamp;

import io.foresplit.contract.Conditions;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.Metric;
import io.foresplit.contract.SeriesKey;
import java.util.Arrays;
import java.util.List;

/**
 * The conditions of a job at a tick: as measured, as forecast, and whether they have settled. A
 * series that was never measured is as declared.
 *
 * @param now medians of the last few values
 * @param expected median forecast for the end of the horizon, kept near the present
 * @param settledLevel medians over a longer time, the better estimate once nothing moves any more
 */
record ConditionOutlook(
    JobSpec job,
    List<SeriesModel.Reading> readings,
    Conditions now,
    Conditions expected,
    Conditions settledLevel) {
  private static final int NOW_VALUES = 3;
  private static final int SETTLED_VALUES = 8;
  private static final int SETTLED_REACH = 32;
  private static final double MOVED_SIGMAS = 4;

  /** Distances between the quartiles by which two forecasts must differ to be different. */
  private static final double MOVED_QUARTILES = 3;

  private static final double SETTLED_SIGMAS = 2.5;

  /** No forecast plans for more than this factor from the present. */
  private static final double MOST_CHANGE = 4;

  private static final double MOST_RATE_OVER_NOMINAL = 1.5;

  /** A change of a delay by less than this share of a step changes no plan. */
  private static final double MATERIAL_SHARE = 0.02;

  static ConditionOutlook of(JobSpec job, List<SeriesModel.Reading> readings) {
    Conditions declared = job.declaredConditions();
    Conditions now = declared;
    Conditions settledLevel = declared;
    for (SeriesModel.Reading reading : readings) {
      now = withLevel(now, reading, NOW_VALUES);
      settledLevel = withLevel(settledLevel, reading, SETTLED_VALUES);
    }
    Conditions expected = now;
    for (SeriesModel.Reading reading : readings) {
      if (reading.outlook().isPresent()) {
        Quantiles quantiles = reading.outlook().get().quantiles();
        SeriesKey series = reading.series();
        double present = now.of(series);
        double end = quantiles.median(quantiles.horizon() - 1);
        double most = present * MOST_CHANGE;
        if (series.metric() == Metric.LINK_RATE) {
          double nominal = declared.of(series);
          most = Math.max(present, Math.min(most, nominal * MOST_RATE_OVER_NOMINAL));
        }
        expected = expected.with(series, clamp(end, present / MOST_CHANGE, most));
      }
    }
    return new ConditionOutlook(job, readings, now, expected, settledLevel);
  }

  private static Conditions withLevel(Conditions to, SeriesModel.Reading reading, int values) {
    double level = reading.level(values);
    return Double.isNaN(level) ? to : to.with(reading.series(), level);
  }

  /**
   * Whether the measured conditions changed from others by more than a share and the noise, so as
   * to matter.
   */
  boolean moved(Conditions sent, double change, double stepSeconds) {
    return readings.stream()
        .anyMatch(r -> differs(r, sent, settledLevel, threshold(r, change), stepSeconds));
  }

  /** The same of the forecast conditions; forecasts must differ by more than their own doubt. */
  boolean turned(Conditions sent, double change, double stepSeconds) {
    for (SeriesModel.Reading reading : readings) {
      if (reading.outlook().isPresent()) {
        Quantiles quantiles = reading.outlook().get().quantiles();
        int end = quantiles.horizon() - 1;
        double apart = 2 * quantiles.halfSpread(end, reading.scale()::toModel);
        double doubt = Math.max(threshold(reading, change), MOVED_QUARTILES * apart);
        if (differs(reading, sent, expected, doubt, stepSeconds)) {
          return true;
        }
      }
    }
    return false;
  }

  private static double threshold(SeriesModel.Reading reading, double change) {
    return Math.max(change, MOVED_SIGMAS * reading.sigma());
  }

  private boolean differs(
      SeriesModel.Reading reading,
      Conditions before,
      Conditions after,
      double threshold,
      double stepSeconds) {
    double a = before.of(reading.series());
    double b = after.of(reading.series());
    double apart = Math.abs(reading.scale().toModel(a) - reading.scale().toModel(b));
    return apart > threshold && matters(reading.series(), a, b, stepSeconds);
  }

  private static boolean matters(SeriesKey series, double a, double b, double stepSeconds) {
    return series.metric() != Metric.LINK_DELAY_SECONDS
        || Math.abs(a - b) >= MATERIAL_SHARE * stepSeconds;
  }

  /** Whether no condition changed over the last values by more than a share and the noise. */
  boolean settled(double change, double stepSeconds) {
    for (SeriesModel.Reading reading : readings) {
      double[] window = reading.model();
      int from = Math.max(0, window.length - SETTLED_REACH); // a series gone quiet is settled
      double[] late = Arrays.copyOfRange(window, from, window.length);
      double[] recent = Robust.lastPresent(late, SETTLED_VALUES, 0);
      double[] before = Robust.lastPresent(late, SETTLED_VALUES, SETTLED_VALUES);
      if (before.length == SETTLED_VALUES) {
        double a = Robust.median(before);
        double b = Robust.median(recent);
        if (Math.abs(a - b) > Math.max(change, SETTLED_SIGMAS * reading.sigma())
            && matters(
                reading.series(),
                reading.scale().toNatural(a),
                reading.scale().toNatural(b),
                stepSeconds)) {
          return false;
        }
      }
    }
    return true;
  }

  /** Whether any condition is outside of its healthy range, to the bad. */
  boolean outsideHealthy() {
    return readings.stream().anyMatch(r -> r.badness() >= HealthyRange.OUTSIDE_SIGMAS);
  }

  /** Whether anything of the conditions is forecast yet. */
  boolean isForecast() {
    return readings.stream().anyMatch(r -> r.outlook().isPresent());
  }
}
