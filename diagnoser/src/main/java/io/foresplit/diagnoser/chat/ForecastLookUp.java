package io.foresplit.diagnoser.chat;

import io.foresplit.contract.Forecast;
import io.foresplit.contract.SeriesKey;
import io.foresplit.diagnoser.Words;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/** The latest forecast of a series. */
public record ForecastLookUp(SeriesKey series) implements LookUp<ForecastLookUp.Found> {
  private static final int LONGEST_NAME = 120;

  @Override
  public String name() {
    return "forecast";
  }

  @Override
  public Map<String, String> arguments() {
    return Map.of("series", series.toString());
  }

  @Override
  public Found in(IncidentFacts facts) {
    return new Found(series, facts.forecast(series).map(forecast -> end(forecast, facts)));
  }

  private static End end(Forecast forecast, IncidentFacts facts) {
    int last = forecast.horizon() - 1;
    return new End(
        facts.end(forecast.origin()),
        facts.end(forecast.origin() + forecast.horizon()),
        forecast.quantile(0.1, last),
        forecast.median(last),
        forecast.quantile(0.9, last),
        PlainText.of(forecast.forecaster(), LONGEST_NAME));
  }

  /**
   * The end of a forecast's horizon.
   *
   * @param origin end of the last interval that was seen
   * @param at end of the horizon
   */
  public record End(
      Instant origin, Instant at, double low, double median, double high, String forecaster) {}

  /** What is forecast, if anything. */
  public record Found(SeriesKey series, Optional<End> end) implements LookUp.Result {
    @Override
    public String text() {
      return end.map(this::text).orElse("no forecast of the " + Words.of(series) + " is recorded");
    }

    private String text(End forecast) {
      return "the "
          + Words.of(series)
          + " is forecast, from what was known at "
          + Times.clock(forecast.origin())
          + ", to be "
          + Words.value(series.metric(), forecast.median())
          + " at "
          + Times.clock(forecast.at())
          + ", and with a probability of 80 % between "
          + Words.value(series.metric(), forecast.low())
          + " and "
          + Words.value(series.metric(), forecast.high())
          + " (by "
          + forecast.forecaster()
          + ")";
    }
  }
}
