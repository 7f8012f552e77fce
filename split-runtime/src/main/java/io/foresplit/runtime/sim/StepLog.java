package io.foresplit.runtime.sim;

import io.foresplit.runtime.TrainingProgress.Step;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;

/**
 * How steps went, the last ones, oldest first. Each is there once, as it was done last. Not
 * thread-safe.
 */
final class StepLog {
  private static final int KEPT = 20_000;
  private static final int FIRST_STEPS = 2;
  private static final int RATE_STEPS = 50;

  private final Deque<Step> steps = new ArrayDeque<>();

  void add(Step step) {
    steps.addLast(step);
    if (steps.size() > KEPT) {
      steps.removeFirst();
    }
  }

  /** Forgets steps from one on, which are done again. */
  void redo(long step) {
    while (!steps.isEmpty() && steps.getLast().number() >= step) {
      steps.removeLast();
    }
  }

  /** Steps from one on. */
  List<Step> since(long first) {
    Deque<Step> wanted = new ArrayDeque<>();
    for (Iterator<Step> i = steps.descendingIterator(); i.hasNext(); ) {
      Step step = i.next();
      if (step.number() < first) {
        break;
      }
      wanted.addFirst(step);
    }
    return List.copyOf(wanted);
  }

  /** Over the last steps; 0 before the second one. */
  double stepsPerSecond() {
    List<Step> last =
        steps.isEmpty() ? List.of() : since(steps.getLast().number() - RATE_STEPS + 1);
    if (last.size() < FIRST_STEPS) {
      return 0;
    }
    long millis =
        last.get(last.size() - 1).finished().toEpochMilli() - last.get(0).finished().toEpochMilli();
    return (last.size() - 1) * 1e3 / Math.max(1, millis);
  }
}
