package io.foresplit.runtime.sim;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * When a thread computes, which does one thing after the other. Times are seconds since the start
 * of the job. Not thread-safe.
 */
final class Occupancy {
  private final Deque<Span> spans = new ArrayDeque<>();
  private double counted;

  private record Span(double start, double end) {}

  /** It computes from a moment to another, not before what was added last. */
  void add(double start, double end) {
    if (end > start && end < Double.POSITIVE_INFINITY) {
      spans.addLast(new Span(start, end));
    }
  }

  /** Nothing is computed from a moment on of what was to be. */
  void cut(double t) {
    while (!spans.isEmpty() && spans.getLast().end() > t) {
      Span last = spans.removeLast();
      add(last.start(), t);
    }
  }

  /** The share of the time since the last call in which it computed; 0 when none has passed. */
  double share(double now) {
    double busy = 0;
    for (Span span : spans) {
      busy += Math.max(0, Math.min(now, span.end()) - Math.max(counted, span.start()));
    }
    while (!spans.isEmpty() && spans.getFirst().end() <= now) {
      spans.removeFirst();
    }
    double passed = now - counted;
    counted = now;
    return passed > 0 ? Math.min(1, busy / passed) : 0;
  }
}
