package io.foresplit.app.bench.runtime;

import io.foresplit.runtime.TrainingProgress;
import io.foresplit.runtime.TrainingProgress.Step;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What the log of steps says: when each was done, the last time it was. Steps that a recovery has
 * undone and that are done again count with the time they were done again. Not thread-safe.
 */
final class StepTrack {
  private final NavigableMap<Long, Step> steps = new TreeMap<>();
  private final List<Redone> redone = new ArrayList<>();
  private long next;

  /** A step that was done, undone by a recovery, and done again. */
  record Redone(Step before, Step again) {
    /** Whether its loss is bit for bit the same: training goes on as if nothing had happened. */
    boolean same() {
      return Double.compare(before.loss(), again.loss()) == 0;
    }
  }

  /** The first step to ask the coordinator for. */
  long next() {
    return next;
  }

  /** Takes what the coordinator answered when it was asked for steps from {@link #next} on. */
  void on(TrainingProgress progress) {
    if (progress.steps() < next) {
      next = progress.steps(); // it has lost its log, or steps are done again: ask anew
    }
    for (Step step : progress.log()) {
      Step before = steps.put(step.number(), step);
      if (before != null && before.epoch() != step.epoch()) {
        redone.add(new Redone(before, step));
      }
      next = step.number() + 1;
    }
  }

  /** Steps that were done by a moment and stay done, as the number of the first that was not. */
  long doneBy(Instant moment) {
    for (Step step : steps.descendingMap().values()) {
      if (!step.finished().isAfter(moment)) {
        return step.number() + 1;
      }
    }
    return 0;
  }

  /**
   * Steps that were done by a moment of which the log may not tell yet: those it tells of, and as
   * many more as the time since the last of them is enough for [derived].
   */
  long doneAt(Instant moment) {
    Map.Entry<Long, Step> last = steps.lastEntry();
    if (last == null) {
      return 0;
    }
    Step step = last.getValue();
    double more = seconds(step.finished(), moment) / Math.max(1e-3, step.seconds());
    return step.number() + 1 + Math.max(0, (long) Math.floor(more));
  }

  /** The first step that was done after a moment, at an epoch later than one. */
  Optional<Step> firstAfter(Instant moment, long epoch) {
    return steps.values().stream()
        .filter(step -> step.epoch() > epoch && step.finished().isAfter(moment))
        .findFirst();
  }

  /** A step, when it is known. */
  Optional<Step> step(long number) {
    return Optional.ofNullable(steps.get(number));
  }

  /** Seconds from each step to the next between two moments. */
  List<Double> intervals(Instant from, Instant to) {
    List<Double> intervals = new ArrayList<>();
    Optional<Instant> before = Optional.empty();
    for (Step step : steps.values()) {
      if (!step.finished().isBefore(from) && !step.finished().isAfter(to)) {
        before.ifPresent(b -> intervals.add(seconds(b, step.finished())));
        before = Optional.of(step.finished());
      }
    }
    return intervals;
  }

  /**
   * Steps done between two moments over the seconds between.
   *
   * @param from before {@code to}
   */
  double stepsPerSecond(Instant from, Instant to) {
    double seconds = seconds(from, to);
    if (!(seconds > 0)) {
      throw new IllegalArgumentException("from must be before to, was " + from + " and " + to);
    }
    return (doneBy(to) - doneBy(from)) / seconds;
  }

  /** Steps that were done again, in that order. */
  List<Redone> redone() {
    return List.copyOf(redone);
  }

  /** Steps before the last one that are missing, and steps that were done more than once. */
  long lost() {
    long missing = steps.isEmpty() ? 0 : steps.lastKey() + 1 - steps.size();
    return missing + redone.size();
  }

  static double seconds(Instant from, Instant to) {
    return Duration.between(from, to).toNanos() / 1e9;
  }
}
