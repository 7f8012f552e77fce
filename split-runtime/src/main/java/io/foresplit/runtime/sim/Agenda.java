package io.foresplit.runtime.sim;

import java.util.PriorityQueue;

/**
 * What is to happen, in the order of virtual time; what is to happen at one moment, in the order in
 * which it was planned. Times are seconds since the start of the job. Not thread-safe.
 */
final class Agenda {
  private final PriorityQueue<Entry> entries = new PriorityQueue<>();
  private long planned;
  private double now;

  private record Entry(double at, long order, Runnable happening) implements Comparable<Entry> {
    @Override
    public int compareTo(Entry other) {
      int byTime = Double.compare(at, other.at);
      return byTime != 0 ? byTime : Long.compare(order, other.order);
    }
  }

  double now() {
    return now;
  }

  /** Plans something; what is at infinity never happens. */
  void at(double t, Runnable happening) {
    if (!(t >= now)) {
      throw new IllegalArgumentException("nothing can happen at " + t + " s, it is " + now + " s");
    }
    if (t < Double.POSITIVE_INFINITY) {
      entries.add(new Entry(t, planned++, happening));
    }
  }

  /** Lets the next thing happen. */
  void next() {
    Entry entry = entries.poll();
    if (entry == null) {
      throw new IllegalStateException("nothing more is to happen");
    }
    now = entry.at();
    entry.happening().run();
  }

  /** Lets all happen up to and including a moment, which is then the present one. */
  void advanceTo(double t) {
    for (Entry entry = entries.peek(); entry != null && entry.at() <= t; entry = entries.peek()) {
      next();
    }
    now = Math.max(now, t);
  }
}
