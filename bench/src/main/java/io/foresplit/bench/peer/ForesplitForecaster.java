package io.foresplit.bench.peer;

import io.foresplit.forecaster.Quantiles;
import io.foresplit.forecaster.SeriesForecaster;

/** This product's forecasters, mixed and calibrated, as {@code foresplit forecast} does it. */
public final class ForesplitForecaster implements HorizonForecaster {
  @Override
  public String label() {
    return "foresplit";
  }

  @Override
  public Course start(int context, int horizon) {
    SeriesForecaster series = new SeriesForecaster(context, horizon);
    return new Course() {
      @Override
      public void append(double value) {
        series.append(value);
      }

      @Override
      public Quantiles forecast() {
        return series
            .forecast()
            .orElseThrow(() -> new IllegalStateException("a forecast needs values before it"));
      }
    };
  }
}
