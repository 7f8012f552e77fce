package io.foresplit.diagnoser;

import io.foresplit.contract.Metric;
import io.foresplit.contract.SeriesKey;

/**
 * How a series differs from when it was healthy.
 *
 * @param healthy typical value of the healthy window, or as declared
 * @param current typical value now
 * @param score signed change in units of the healthy noise; logarithmic for scale metrics
 */
record Change(SeriesKey series, double healthy, double current, double score) {
  /** {@link #score} to the bad side; metrics without a bad side count either way. */
  double badness() {
    return switch (Direction.of(series.metric())) {
      case LOW_IS_BAD -> -score;
      case HIGH_IS_BAD -> score;
      case EITHER -> Math.abs(score);
    };
  }

  /** Current over healthy. */
  double ratio() {
    return current / healthy;
  }

  /** Which way of a metric is bad. */
  enum Direction {
    LOW_IS_BAD,
    HIGH_IS_BAD,
    EITHER;

    static Direction of(Metric metric) {
      return switch (metric) {
        case LINK_RATE, STEPS_PER_SECOND -> LOW_IS_BAD;
        case ACTIVATION_MEAN,
            ACTIVATION_VARIANCE,
            INPUT_MEAN,
            INPUT_VARIANCE,
            CPU_SHARE,
            TRANSFER_BYTES ->
            EITHER;
        case FORWARD_SECONDS,
            BACKWARD_SECONDS,
            QUEUE_WAIT_SECONDS,
            SLOWDOWN,
            TRANSFER_SECONDS,
            LINK_DELAY_SECONDS,
            HEAP_BYTES,
            NATIVE_BYTES,
            LOSS,
            GRADIENT_NORM,
            STEP_SECONDS ->
            HIGH_IS_BAD;
      };
    }
  }
}
