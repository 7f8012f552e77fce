package io.foresplit.forecaster.stream;

import io.foresplit.contract.ForecastPace;
import io.foresplit.contract.IntervalTick;
import java.util.Optional;

/**
 * When forecasts of a job come too late, its calm series are forecast half as often, and again,
 * down to a quarter; when they have been on time for a while, twice as often again. Series that are
 * not calm are forecast in each interval whatever happens. What was written before this began is a
 * backlog, which says nothing of the pace, and nor does a tick that was written late. Mutable, not
 * thread-safe, one a job.
 */
final class LoadShedding {
  /** A tick that waits for this many intervals waits too long. */
  static final double LATE_INTERVALS = 4;

  /** Ticks in a row, each on time, after which there is room again. */
  static final int ON_TIME_TICKS = 64;

  private static final double ON_TIME_INTERVALS = 2;
  private static final int MOST = 4;

  /** Ticks after which what was asked for is taken as lost. */
  private static final int MOST_WAIT_TICKS = 64;

  private final int usual;
  private final long began;
  private int onTime;
  private int asked;
  private int waited;

  /**
   * @param usual intervals for which a forecast of a calm series serves when nothing is late
   * @param began time from which on reports count, milliseconds of the epoch
   */
  LoadShedding(int usual, long began) {
    this.usual = usual;
    this.began = began;
  }

  /**
   * A tick was decided on.
   *
   * @param written when the tick was written into the log, milliseconds of the epoch
   * @param now milliseconds of the epoch
   * @param inForce intervals for which a forecast of a calm series serves
   * @return a change of that, to be recorded
   */
  Optional<ForecastPace> onTick(IntervalTick tick, long written, long now, int inForce) {
    boolean waiting = asked != 0 && asked != inForce && waited++ < MOST_WAIT_TICKS;
    if (written < began || waiting) {
      return Optional.empty();
    }
    asked = 0;
    double late = (double) (now - written) / tick.length().toMillis();
    onTime = late <= ON_TIME_INTERVALS ? onTime + 1 : 0;
    if (late > LATE_INTERVALS && inForce < MOST * usual) {
      return ask(tick, 2 * inForce);
    }
    if (onTime >= ON_TIME_TICKS && inForce > usual) {
      return ask(tick, inForce / 2);
    }
    return Optional.empty();
  }

  private Optional<ForecastPace> ask(IntervalTick tick, int calmTicks) {
    onTime = 0;
    waited = 0;
    asked = Math.max(usual, Math.min(calmTicks, MOST * usual));
    return Optional.of(new ForecastPace(tick.jobId(), tick.interval(), asked));
  }
}
