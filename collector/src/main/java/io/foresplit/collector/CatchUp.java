package io.foresplit.collector;

/**
 * Whether the collector reads what was reported some time ago: after a start, and behind a burst of
 * records. As long as it does, intervals are closed when they are complete, not by time, since a
 * node whose report was not read yet is not silent. Not thread-safe.
 */
public final class CatchUp {
  private final long quietMillis;
  private final long longestWaitMillis;
  private long beganAt;
  private long lastOld;
  private boolean over;

  /**
   * Begins catching up.
   *
   * @param startMillis wall time now
   */
  public CatchUp(CollectorConfig config, long startMillis) {
    quietMillis = config.quiet().toMillis();
    longestWaitMillis = config.longestWait().toMillis();
    beganAt = startMillis;
    lastOld = startMillis;
  }

  /**
   * Notes a report, usable or not.
   *
   * @param recordMillis when its record was written
   * @param tolerated age in milliseconds above which it is old
   */
  void note(long recordMillis, long tolerated, long nowMillis) {
    if (nowMillis - recordMillis <= tolerated) {
      return;
    }
    if (isOver(nowMillis) && nowMillis - lastOld >= quietMillis) {
      over = false;
      beganAt = nowMillis;
    }
    lastOld = nowMillis;
  }

  /**
   * Whether it is over: no old report for the quiet time, or the longest wait has passed since it
   * began, which holds until the next quiet time.
   */
  boolean isOver(long nowMillis) {
    over = over || nowMillis - lastOld >= quietMillis || nowMillis - beganAt >= longestWaitMillis;
    return over;
  }
}
