package io.foresplit.bench.peer;

import io.foresplit.forecaster.Quantiles;
import java.util.Arrays;

/** Forecasters that need no fitting; each is a rule on the last values. */
public enum SimpleForecaster implements HorizonForecaster {
  /** The value one season of 24 ago. */
  SEASONAL_NAIVE("seasonal-naive-24") {
    @Override
    double at(double[] window, int ahead) {
      return window[window.length - SEASON + (ahead - 1) % SEASON];
    }
  },
  /** The last value. */
  REPEAT_LAST("repeat-last") {
    @Override
    double at(double[] window, int ahead) {
      return window[window.length - 1];
    }
  },
  /** The line through the first and the last value of the context. */
  DRIFT("drift") {
    @Override
    double at(double[] window, int ahead) {
      double last = window[window.length - 1];
      return last + ahead * (last - window[0]) / (window.length - 1);
    }
  },
  /**
   * Mean of the values whole seasons of 24 ago, each season weighing {@value #KEPT} of the one
   * after it.
   */
  SEASONAL_MEAN("seasonal-mean-24") {
    @Override
    double at(double[] window, int ahead) {
      double sum = 0;
      double weights = 0;
      double weight = 1;
      for (int i = window.length - SEASON + (ahead - 1) % SEASON; i >= 0; i -= SEASON) {
        sum += weight * window[i];
        weights += weight;
        weight *= KEPT;
      }
      return sum / weights;
    }
  };

  private static final int SEASON = 24;

  /** 0.8: as a smoothing factor, 0.2. Not fitted. */
  private static final double KEPT = 0.8;

  private final String label;

  SimpleForecaster(String label) {
    this.label = label;
  }

  /**
   * @param window last values, oldest first
   * @param ahead values ahead, from 1
   */
  abstract double at(double[] window, int ahead);

  @Override
  public String label() {
    return label;
  }

  @Override
  public Course start(int context, int horizon) {
    if (context < SEASON) {
      throw new IllegalArgumentException(
          "context must be at least a season of " + SEASON + ", was " + context);
    }
    LastValues values = new LastValues(context);
    return new Course() {
      @Override
      public void append(double value) {
        values.append(value);
      }

      /** The same at all levels: a rule knows no doubt. */
      @Override
      public Quantiles forecast() {
        double[] window = values.window();
        double[] path = new double[horizon];
        Arrays.setAll(path, i -> at(window, i + 1));
        return Quantiles.normal(path, new double[horizon]);
      }
    };
  }
}
