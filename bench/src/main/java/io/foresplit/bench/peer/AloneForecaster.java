package io.foresplit.bench.peer;

import io.foresplit.forecaster.Forecaster;
import io.foresplit.forecaster.Quantiles;

/** One of this product's forecasters alone, neither mixed nor calibrated. */
public record AloneForecaster(Forecaster forecaster) implements HorizonForecaster {
  @Override
  public String label() {
    return forecaster.name();
  }

  @Override
  public Course start(int context, int horizon) {
    LastValues values = new LastValues(context);
    return new Course() {
      @Override
      public void append(double value) {
        values.append(value);
      }

      @Override
      public Quantiles forecast() {
        return forecaster.forecast(values.window(), horizon);
      }
    };
  }
}
