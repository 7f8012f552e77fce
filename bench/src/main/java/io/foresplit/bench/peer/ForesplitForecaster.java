package io.foresplit.bench.peer;

import io.foresplit.forecaster.Quantiles;
import io.foresplit.forecaster.SeriesForecaster;
import java.util.Arrays;

/**
 * This product's forecasters and their selector, those of {@code foresplit forecast}: the median.
 */
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
      public double[] forecast() {
        Quantiles said =
            series
                .forecast()
                .orElseThrow(() -> new IllegalStateException("a forecast needs values before it"));
        double[] median = new double[horizon];
        Arrays.setAll(median, i -> said.quantile(0.5, i));
        return median;
      }
    };
  }
}
