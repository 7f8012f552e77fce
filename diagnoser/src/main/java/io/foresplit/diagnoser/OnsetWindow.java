package io.foresplit.diagnoser;

import java.util.stream.IntStream;

/**
 * The steps of a table around an onset.
 *
 * @param onset first step of the trouble, as far as known
 * @param guard steps before it that may already be of the trouble, for an onset is not known better
 * @param known steps before both at which any series has a value
 * @param hold steps that a change must last to count at all
 * @param last steps that a change must last to count in full
 */
record OnsetWindow(int onset, int guard, int known, int hold, int last) {
  /** By how much an onset may be wrong. */
  private static final double ERROR_SECONDS = 90;

  /** The guard is at most this share of what is before. */
  private static final double MOST_GUARD = 0.2;

  private static final double HOLD_SECONDS = 30;
  private static final double LAST_SECONDS = 90;

  /** A lone value never counts. */
  private static final double LEAST_HOLD = 3;

  /** A change need not last longer than this share of what is after the onset. */
  private static final double MOST_HOLD = 0.33;

  /** The window of an onset in seconds of the epoch. */
  static OnsetWindow of(MetricTable table, double onsetSeconds) {
    double at = Math.ceil((onsetSeconds - table.startSeconds()) / table.stepSeconds());
    int onset = (int) Math.min(Math.max(at, 0), table.steps());
    double most = MOST_HOLD * (table.steps() - onset);
    int guard = (int) Math.min(Math.ceil(ERROR_SECONDS / table.stepSeconds()), MOST_GUARD * onset);
    return new OnsetWindow(
        onset,
        guard,
        known(table, onset - guard),
        hold(HOLD_SECONDS / table.stepSeconds(), most),
        hold(LAST_SECONDS / table.stepSeconds(), most));
  }

  private static int known(MetricTable table, int end) {
    return (int)
        IntStream.range(0, end)
            .filter(i -> table.series().stream().anyMatch(s -> !Double.isNaN(s.values()[i])))
            .count();
  }

  private static int hold(double steps, double most) {
    return (int) Math.max(LEAST_HOLD, Math.min(steps, most));
  }

  /** Steps that are surely before the trouble. */
  int before() {
    return onset - guard;
  }
}
