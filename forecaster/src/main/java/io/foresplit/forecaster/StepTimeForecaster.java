package io.foresplit.forecaster;

import io.foresplit.contract.Conditions;
import io.foresplit.contract.Metric;
import io.foresplit.contract.PlacementPlanner;
import io.foresplit.contract.SeriesKey;
import io.foresplit.contract.SplitTopology;
import java.util.ArrayList;
import java.util.List;

/**
 * Forecasts the step time from the forecast conditions: what the planner predicts under them, times
 * how far its prediction was from the truth of late. A rate that falls in a straight line on the
 * logarithmic scale makes the step time rise ever faster; this sees it, a line through past step
 * times does not. Errors of the conditions are taken as independent. Thread-safe.
 */
final class StepTimeForecaster {
  static final String NAME = "conditions/1";

  /** Steps ahead between which the logarithm of the step time is interpolated. */
  private static final int STRIDE = 8;

  /** What the model does not explain is followed this far, then taken as lasting. */
  private static final int UNEXPLAINED_REACH = 10;

  private static final double NEGLIGIBLE = 1e-4;

  private final PlacementPlanner planner;
  private final Forecaster unexplained = new DriftForecaster();

  StepTimeForecaster(PlacementPlanner planner) {
    this.planner = planner;
  }

  /**
   * Quantiles of the step time in seconds.
   *
   * @param logRatio window of the logarithm of measured over predicted step time, of this epoch
   */
  Quantiles forecast(
      SplitTopology topology, ConditionOutlook outlook, double[] logRatio, int horizon) {
    Quantiles ratio = unexplained.forecast(logRatio, horizon);
    List<SeriesModel.Reading> forecast =
        outlook.readings().stream().filter(r -> r.outlook().isPresent()).toList();
    int levels = Quantiles.LEVELS.size();
    double[][] rows = new double[levels][horizon];
    List<SeriesModel.Reading> relevant = relevant(topology, outlook.now(), forecast, horizon - 1);
    int before = -1;
    for (int h = 0; before < horizon - 1; h = Math.min(h + STRIDE, horizon - 1)) {
      double[] here = at(topology, outlook.now(), relevant, ratio, h);
      for (int level = 0; level < levels; level++) {
        double from = before < 0 ? here[level] : rows[level][before];
        for (int k = before + 1; k <= h; k++) {
          rows[level][k] = from + (here[level] - from) * (k - before) / (h - before);
        }
      }
      before = h;
    }
    return new Quantiles(rows).map(Math::exp);
  }

  /** Series that make a difference to this placement. */
  private List<SeriesModel.Reading> relevant(
      SplitTopology topology, Conditions now, List<SeriesModel.Reading> readings, int end) {
    double predicted = logPredict(topology, now);
    List<SeriesModel.Reading> result = new ArrayList<>();
    for (SeriesModel.Reading reading : readings) {
      double worst = value(reading, Quantiles.LEVELS.size() - 1, end);
      double present = now.of(reading.series());
      Conditions changed = now.with(reading.series(), worst == present ? present * 0.9 : worst);
      if (Math.abs(logPredict(topology, changed) - predicted) > NEGLIGIBLE) {
        result.add(reading);
      }
    }
    return result;
  }

  private double[] at(
      SplitTopology topology,
      Conditions now,
      List<SeriesModel.Reading> relevant,
      Quantiles ratio,
      int step) {
    Conditions median = now;
    for (SeriesModel.Reading reading : relevant) {
      median = median.with(reading.series(), value(reading, Quantiles.MEDIAN, step));
    }
    double predicted = logPredict(topology, median);
    int levels = Quantiles.LEVELS.size();
    double[] result = new double[levels];
    for (int level = 0; level < levels; level++) {
      double spread = ratio.at(level, step) - ratio.median(step);
      double squares = spread * spread;
      for (SeriesModel.Reading reading : relevant) {
        if (level != Quantiles.MEDIAN) {
          Conditions changed = median.with(reading.series(), value(reading, level, step));
          double effect = logPredict(topology, changed) - predicted;
          squares += effect * effect;
        }
      }
      double center = predicted + ratio.median(Math.min(step, UNEXPLAINED_REACH - 1));
      result[level] = center + Integer.signum(level - Quantiles.MEDIAN) * Math.sqrt(squares);
    }
    return result;
  }

  /** The value of a condition at a level of badness: the higher the level, the slower the step. */
  private static double value(SeriesModel.Reading reading, int level, int step) {
    SeriesKey series = reading.series();
    int row = series.metric() == Metric.LINK_RATE ? Quantiles.LEVELS.size() - 1 - level : level;
    return reading.outlook().orElseThrow().quantiles().at(row, step);
  }

  private double logPredict(SplitTopology topology, Conditions conditions) {
    double seconds = planner.predict(topology.job(), topology.placement(), conditions);
    return Math.log(Math.max(seconds, 1e-9));
  }
}
