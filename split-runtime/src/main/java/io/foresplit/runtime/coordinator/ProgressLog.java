package io.foresplit.runtime.coordinator;

import io.foresplit.runtime.proto.StepRecord;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;

/** How steps went, as the data owner tells it; the last ones, bounded. Thread-safe. */
final class ProgressLog {
  private static final int KEPT = 100_000;
  private static final int RATE_STEPS = 20;

  private final Deque<StepRecord> steps = new ArrayDeque<>();
  private long firstStepMillis;
  private long redoneFrom = Long.MAX_VALUE;
  private long redoneAt;

  /**
   * Adds steps; those known already are skipped, and those that a recovery has undone.
   *
   * @param since the first step that was asked for; when a recovery has gone back before it, the
   *     log is skipped, and asked for again from there
   */
  synchronized void add(long since, List<StepRecord> log) {
    if (since > nextStep()) {
      return;
    }
    for (StepRecord entry : log) {
      if (entry.getStep() < nextStep()
          || (entry.getStep() >= redoneFrom && entry.getEpoch() < redoneAt)) {
        continue;
      }
      if (entry.getStep() == 0) {
        firstStepMillis = entry.getFinishedMillis();
      }
      steps.addLast(entry);
      if (steps.size() > KEPT) {
        steps.removeFirst();
      }
    }
  }

  /** Forgets steps from one on, which are done again at an epoch: each step counts once. */
  synchronized void redo(long step, long epoch) {
    while (nextStep() > step) {
      steps.removeLast();
    }
    redoneFrom = step;
    redoneAt = epoch;
  }

  /** Forgets everything: training begins from scratch. */
  synchronized void clear() {
    steps.clear();
    firstStepMillis = 0;
  }

  /** The first step that is not known. */
  synchronized long nextStep() {
    return steps.isEmpty() ? 0 : steps.getLast().getStep() + 1;
  }

  /** When step 0 was done, in milliseconds; 0 when it is not known. */
  synchronized long firstStepMillis() {
    return firstStepMillis;
  }

  /** Steps per second over the last steps; 0 before the second one. */
  synchronized double stepsPerSecond() {
    List<StepRecord> last = new ArrayList<>();
    for (Iterator<StepRecord> i = steps.descendingIterator();
        i.hasNext() && last.size() < RATE_STEPS; ) {
      last.add(i.next());
    }
    if (last.size() < 2) {
      return 0;
    }
    long millis = last.get(0).getFinishedMillis() - last.get(last.size() - 1).getFinishedMillis();
    return (last.size() - 1) * 1e3 / Math.max(1, millis);
  }

  /** Steps from one on, oldest first. */
  synchronized List<StepRecord> since(long step, int limit) {
    List<StepRecord> wanted = new ArrayList<>();
    for (Iterator<StepRecord> i = steps.descendingIterator(); i.hasNext(); ) {
      StepRecord entry = i.next();
      if (entry.getStep() < step) {
        break;
      }
      wanted.add(entry);
    }
    Collections.reverse(wanted);
    return List.copyOf(wanted.subList(0, Math.min(Math.max(0, limit), wanted.size())));
  }
}
