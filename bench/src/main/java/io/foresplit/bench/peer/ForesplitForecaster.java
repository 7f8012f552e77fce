package io.foresplit.bench.peer;

import io.foresplit.forecaster.Forecaster;
import io.foresplit.forecaster.Quantiles;
import io.foresplit.forecaster.SeriesForecaster;
import java.util.List;

/** This product's forecasters, mixed and calibrated, as {@code foresplit forecast} does it. */
public record ForesplitForecaster(String label, List<Forecaster> forecasters)
    implements HorizonForecaster {
  public ForesplitForecaster {
    forecasters = List.copyOf(forecasters);
  }

  @Override
  public Course start(int context, int horizon) {
    SeriesForecaster series = new SeriesForecaster(context, horizon, forecasters);
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
