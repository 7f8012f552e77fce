package io.foresplit.forecaster;

import io.foresplit.contract.Forecast;
import io.foresplit.contract.SeriesKey;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import org.apache.commons.math3.distribution.NormalDistribution;

/**
 * What a {@link Forecaster} says: one row a level of {@link #LEVELS}, one column an interval ahead,
 * rows not falling. Immutable by convention: rows are not copied.
 */
@SuppressWarnings("ArrayRecordComponent") // a dense matrix on the hot path, never compared
public record Quantiles(double[][] rows) {
  /** The levels of every forecast: the deciles, as most forecasting models give them. */
  public static final List<Double> LEVELS = List.of(0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9);

  /** Row of the median. */
  public static final int MEDIAN = 4;

  /** Quantiles of the standard normal distribution at the levels. */
  private static final double[] NORMAL = {
    -1.2815515655446004,
    -0.8416212335729142,
    -0.5244005127080407,
    -0.2533471031357997,
    0,
    0.2533471031357997,
    0.5244005127080407,
    0.8416212335729142,
    1.2815515655446004
  };

  /** Where the quartile of a normal distribution lies between the deciles around it. */
  private static final double QUARTILE_PART =
      (0.6744897501960817 - NORMAL[MEDIAN + 2]) / (NORMAL[MEDIAN + 3] - NORMAL[MEDIAN + 2]);

  private static final NormalDistribution STANDARD_NORMAL = new NormalDistribution(null, 0, 1);

  public Quantiles {
    if (rows.length != LEVELS.size() || rows[0].length == 0) {
      throw new IllegalArgumentException(
          "quantiles need " + LEVELS.size() + " rows of a positive horizon, was " + rows.length);
    }
  }

  /** Normal quantiles around a path, with a standard deviation for each step ahead. */
  public static Quantiles normal(double[] median, double[] sigma) {
    double[][] rows = new double[NORMAL.length][median.length];
    for (int level = 0; level < NORMAL.length; level++) {
      for (int h = 0; h < median.length; h++) {
        rows[level][h] = median[h] + NORMAL[level] * sigma[h];
      }
    }
    return new Quantiles(rows);
  }

  /**
   * Rows that may cross, made not to: the values of each step are put in order.
   *
   * @param rows one a level of {@link #LEVELS}, equally long; they are copied
   */
  public static Quantiles sorted(double[][] rows) {
    double[][] sorted = Arrays.stream(rows).map(double[]::clone).toArray(double[][]::new);
    double[] column = new double[rows.length];
    for (int h = 0; h < rows[0].length; h++) {
      for (int level = 0; level < rows.length; level++) {
        column[level] = rows[level][h];
      }
      Arrays.sort(column);
      for (int level = 0; level < rows.length; level++) {
        sorted[level][h] = column[level];
      }
    }
    return new Quantiles(sorted);
  }

  public int horizon() {
    return rows[0].length;
  }

  /**
   * The quantile of any probability: linear in the normal score between two levels and beyond the
   * outer ones, so exact where the levels are those of a normal distribution (derived).
   *
   * @param probability in (0, 1)
   * @param step intervals ahead less one
   */
  public double quantile(double probability, int step) {
    double score = STANDARD_NORMAL.inverseCumulativeProbability(probability);
    int above = 1;
    while (above < NORMAL.length - 1 && NORMAL[above] < score) {
      above++;
    }
    double part = (score - NORMAL[above - 1]) / (NORMAL[above] - NORMAL[above - 1]);
    return rows[above - 1][step] + part * (rows[above][step] - rows[above - 1][step]);
  }

  double at(int level, int step) {
    return rows[level][step];
  }

  /**
   * The median of a step.
   *
   * @param step intervals ahead less one
   */
  public double median(int step) {
    return rows[MEDIAN][step];
  }

  /** Half the distance between the quartiles. */
  double halfSpread(int step) {
    return halfSpread(step, value -> value);
  }

  /** Half the distance between the quartiles on another scale, by a function that does not fall. */
  double halfSpread(int step, DoubleUnaryOperator rising) {
    double low = quartile(-1, step, rising);
    double high = quartile(1, step, rising);
    return (high - low) / 2;
  }

  /** As {@link #quantile} of 0.25 (side -1) or 0.75 (side 1) of the values through a function. */
  private double quartile(int side, int step, DoubleUnaryOperator rising) {
    double inner = rising.applyAsDouble(rows[MEDIAN + 2 * side][step]);
    double outer = rising.applyAsDouble(rows[MEDIAN + 3 * side][step]);
    return inner + QUARTILE_PART * (outer - inner);
  }

  /** Each value through a function that does not fall. */
  Quantiles map(DoubleUnaryOperator rising) {
    return new Quantiles(
        Arrays.stream(rows)
            .map(row -> Arrays.stream(row).map(rising).toArray())
            .toArray(double[][]::new));
  }

  /** The values of a step, one a level. */
  double[] column(int step) {
    return Arrays.stream(rows).mapToDouble(row -> row[step]).toArray();
  }

  /** The standard deviation of a normal distribution whose outer deciles lie as far apart. */
  static double spread(double[] column) {
    return (column[column.length - 1] - column[0]) / (NORMAL[NORMAL.length - 1] - NORMAL[0]);
  }

  /** Mean pinball loss over the levels of what was said for a step. */
  public double pinball(int step, double actual) {
    return pinball(column(step), actual);
  }

  /** Mean pinball loss of values, one a level. */
  static double pinball(double[] column, double actual) {
    double sum = 0;
    for (int level = 0; level < column.length; level++) {
      double error = actual - column[level];
      sum += error >= 0 ? LEVELS.get(level) * error : (LEVELS.get(level) - 1) * error;
    }
    return sum / column.length;
  }

  Forecast toForecast(SeriesKey series, long origin, long epoch, String forecaster) {
    List<List<Double>> lists =
        Arrays.stream(rows).map(row -> Arrays.stream(row).boxed().toList()).toList();
    return new Forecast(series, origin, epoch, LEVELS, lists, forecaster);
  }
}
