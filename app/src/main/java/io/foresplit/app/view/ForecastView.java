package io.foresplit.app.view;

import io.foresplit.contract.Forecast;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/**
 * The fan of one series.
 *
 * @param at times of the points, milliseconds since 1970
 */
public record ForecastView(
    String job,
    String component,
    String metric,
    long epoch,
    String forecaster,
    List<Long> at,
    List<Double> q10,
    List<Double> q50,
    List<Double> q90) {
  static ForecastView of(String job, Forecast forecast, long intervalMillis) {
    return new ForecastView(
        job,
        forecast.series().component().value(),
        forecast.series().metric().name(),
        forecast.epoch(),
        forecast.forecaster(),
        IntStream.range(0, forecast.horizon())
            .mapToObj(h -> (forecast.origin() + h + 2) * intervalMillis)
            .toList(),
        row(forecast, h -> forecast.quantile(0.1, h)),
        row(forecast, forecast::median),
        row(forecast, h -> forecast.quantile(0.9, h)));
  }

  private static List<Double> row(Forecast forecast, IntToDoubleFunction at) {
    return IntStream.range(0, forecast.horizon()).mapToDouble(at).boxed().toList();
  }
}
