package io.foresplit.bench.measure;

/**
 * One thing that was done to a job.
 *
 * @param kind such as {@code move-layers} or {@code notify-operator}
 * @param atSeconds when it was decided, since the start of the job
 * @param valid whether it broke no rule of the job, and, under the true conditions of that moment
 *     or of the fault at its worst, made a step no slower than staying
 * @param result how it ended, as {@code ActionOutcome.Result} names it; {@code DONE} when nobody
 *     verified it, {@code OPEN} at the end of the run
 * @param pauseMillis how long training stood still for it
 * @param stepsLost steps that had to be done again
 * @param changes whether it changed the placement, and not only told somebody
 */
public record Act(
    String kind,
    double atSeconds,
    boolean valid,
    String result,
    double pauseMillis,
    long stepsLost,
    boolean changes) {
  /** How telling somebody ends. */
  static final String NOTIFIED = "NOTIFIED";

  /** Somebody was told, and nothing changed. */
  public static Act told(String kind, double atSeconds) {
    return new Act(kind, atSeconds, true, NOTIFIED, 0, 0, false);
  }

  /** The runtime brought layers of a dead node back by itself: no action of a strategy. */
  public static Act restored(double atSeconds, double pauseMillis, long stepsLost) {
    return new Act("restore", atSeconds, true, "RESTORED", pauseMillis, stepsLost, false);
  }

  /** The same, with how it ended. */
  public Act ended(String how, double pause, long lost) {
    return new Act(kind, atSeconds, valid, how, pause, lost, changes);
  }
}
