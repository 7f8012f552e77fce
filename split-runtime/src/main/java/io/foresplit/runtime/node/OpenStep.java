package io.foresplit.runtime.node;

import java.util.Collection;
import java.util.Collections;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A step at one segment, from its first pass to its update. Pure bookkeeping, confined to the
 * compute thread.
 */
final class OpenStep {
  private final long number;
  private final TreeMap<Integer, Integer> begun = new TreeMap<>();
  private final TreeMap<Integer, Done> done = new TreeMap<>();
  private SortedSet<Integer> expected;
  private boolean closed;
  private double forwardSeconds;
  private double backwardSeconds;

  private record Done(int samples, double loss) {}

  /**
   * A step without passes yet.
   *
   * @param expected ordinals of its passes
   * @param closed false when it may go on without some of them
   */
  OpenStep(long number, SortedSet<Integer> expected, boolean closed) {
    this.number = number;
    this.expected = new TreeSet<>(expected);
    this.closed = closed;
  }

  long number() {
    return number;
  }

  /** Whether a pass may begin. */
  boolean admits(int pass) {
    return expected.contains(pass) && !begun.containsKey(pass);
  }

  void begin(int pass, int samples) {
    begun.put(pass, samples);
  }

  /** Whether a pass has begun and is not done. */
  boolean awaits(int pass) {
    return begun.containsKey(pass) && !done.containsKey(pass);
  }

  int samplesOf(int pass) {
    Integer found = begun.get(pass);
    if (found == null) {
      throw new IllegalStateException("pass " + pass + " of step " + number + " has not begun");
    }
    return found;
  }

  SortedSet<Integer> begun() {
    return Collections.unmodifiableSortedSet(begun.navigableKeySet());
  }

  boolean allBegun() {
    return begun.keySet().containsAll(expected);
  }

  void done(int pass, double loss) {
    done.put(pass, new Done(samplesOf(pass), loss));
  }

  /** Whether the step is complete once a pass is done. */
  boolean endsWith(int pass) {
    return closed && awaits(pass) && done.size() + 1 == expected.size();
  }

  boolean complete() {
    return closed && done.keySet().equals(expected);
  }

  boolean closed() {
    return closed;
  }

  /** These passes and no others are the step. */
  void close(Collection<Integer> passes) {
    expected = new TreeSet<>(passes);
    closed = true;
  }

  /** Samples of all passes, one of which is about to be done. */
  SortedMap<Integer, Integer> samples() {
    SortedMap<Integer, Integer> samples = new TreeMap<>();
    expected.forEach(pass -> samples.put(pass, samplesOf(pass)));
    return samples;
  }

  /** Samples of the passes that are done. */
  int samplesDone() {
    return done.values().stream().mapToInt(Done::samples).sum();
  }

  /** Mean over the samples of the passes that are done, nats. */
  double loss() {
    if (done.size() == 1) {
      return done.firstEntry().getValue().loss();
    }
    double sum = 0;
    for (Done pass : done.values()) {
      sum += pass.loss() * pass.samples();
    }
    return sum / samplesDone();
  }

  void addForward(double seconds) {
    forwardSeconds += seconds;
  }

  void addBackward(double seconds) {
    backwardSeconds += seconds;
  }

  double forwardSeconds() {
    return forwardSeconds;
  }

  double backwardSeconds() {
    return backwardSeconds;
  }
}
