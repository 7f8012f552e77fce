package io.foresplit.forecaster;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;

/**
 * When trouble began: in the series that left its healthy range furthest, walking back from now to
 * the last interval it was still inside.
 */
final class OnsetEstimator {
  private static final double INSIDE_SIGMAS = 1.5;
  private static final int SMOOTHING = 3;

  private OnsetEstimator() {}

  /**
   * @param conditions preferred, since causes lie there
   * @param objectives asked when no condition is outside of its range
   * @param healthy the range of a reading
   * @param standing intervals in a row in which no step ended: before anything else can be
   *     measured, trouble is as old as they are
   */
  static long onset(
      List<SeriesModel.Reading> conditions,
      List<SeriesModel.Reading> objectives,
      Function<SeriesModel.Reading, HealthyRange> healthy,
      int standing,
      long now) {
    Comparator<SeriesModel.Reading> byBadness =
        Comparator.comparingDouble(SeriesModel.Reading::badness);
    long left =
        conditions.stream()
            .filter(r -> r.badness() >= HealthyRange.OUTSIDE_SIGMAS)
            .max(byBadness)
            .or(() -> objectives.stream().filter(r -> r.badness() > INSIDE_SIGMAS).max(byBadness))
            .map(reading -> leftRange(reading, healthy.apply(reading), now))
            .orElse(now);
    return Math.min(left, now - Math.max(0, standing - 1));
  }

  private static long leftRange(SeriesModel.Reading reading, HealthyRange healthy, long now) {
    double[] window = reading.model();
    long onset = now;
    for (int i = window.length - 1; i >= 0; i--) {
      if (Double.isNaN(window[i])) {
        continue;
      }
      double smooth = Robust.level(Arrays.copyOf(window, i + 1), SMOOTHING);
      if (healthy.badness(smooth, reading.series().metric()) < INSIDE_SIGMAS) {
        break;
      }
      onset = now - (window.length - 1 - i);
    }
    return onset;
  }
}
