package io.foresplit.collector;

/**
 * Whether the collector still reads what was reported while it was away. Until that is over,
 * intervals are closed when they are complete, not by time. Not thread-safe.
 */
public final class CatchUp {
  private final long quietMillis;
  private final long giveUpAt;
  private long lastOld;
  private boolean over;

  /**
   * Begins catching up.
   *
   * @param startMillis wall time now
   */
  public CatchUp(CollectorConfig config, long startMillis) {
    quietMillis = config.quiet().toMillis();
    giveUpAt = startMillis + config.longestWait().toMillis();
    lastOld = startMillis;
  }

  /** Notes a report; it is old when its record is older than the quiet time. */
  void note(long recordMillis, long nowMillis) {
    if (nowMillis - recordMillis > quietMillis) {
      lastOld = nowMillis;
    }
  }

  /** Whether it is over, from then on for good. */
  boolean isOver(long nowMillis) {
    over = over || nowMillis - lastOld >= quietMillis || nowMillis >= giveUpAt;
    return over;
  }
}
