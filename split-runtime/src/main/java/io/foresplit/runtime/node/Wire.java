package io.foresplit.runtime.node;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.function.DoubleUnaryOperator;

/**
 * The emulated wire of one directed link: messages occupy it one after the other at the rate of the
 * moment, then travel for the one-way delay without occupying it, and arrive in order. Its counters
 * are those of a network card: bytes put on the wire, and the time it was busy with them. So the
 * rate is known in each interval in which anything was on the wire, however long one message takes.
 *
 * <p>Pure; times are seconds since training began. Not thread-safe.
 */
public final class Wire {
  private static final double GRID_SECONDS = 0.02;
  private static final double LEAST_RATE = 1;

  private final DoubleUnaryOperator bytesPerSecond;
  private final DoubleUnaryOperator delaySeconds;
  private final Deque<Passage> uncounted = new ArrayDeque<>();
  private double free;
  private double lastArrival;
  private double counted;

  /**
   * A wire.
   *
   * @param bytesPerSecond rate at a moment, positive
   * @param delaySeconds one-way delay at a moment
   */
  public Wire(DoubleUnaryOperator bytesPerSecond, DoubleUnaryOperator delaySeconds) {
    this.bytesPerSecond = bytesPerSecond;
    this.delaySeconds = delaySeconds;
  }

  /** First bit on the wire, last bit on the wire, last bit at the far end. */
  public record Passage(double start, double end, double arrival) {
    public double delay() {
      return arrival - end;
    }
  }

  /** Bytes put on the wire, and how long it was busy with them. */
  public record Count(double bytes, double busySeconds) {}

  /** Gives a message of so many bytes to the wire. */
  public Passage pass(double now, long bytes) {
    double start = Math.max(now, free);
    double end = start;
    double left = bytes;
    while (true) {
      double rate = rate(end + GRID_SECONDS / 2);
      if (rate * GRID_SECONDS >= left) {
        end += left / rate;
        break;
      }
      left -= rate * GRID_SECONDS;
      end += GRID_SECONDS;
    }
    free = end;
    lastArrival = Math.max(lastArrival, end + delaySeconds.applyAsDouble(end));
    Passage passage = new Passage(start, end, lastArrival);
    uncounted.add(passage);
    return passage;
  }

  /** When the wire is free again. */
  double freeAt() {
    return free;
  }

  /** What was on the wire since the last count. */
  public Count count(double now) {
    double bytes = 0;
    double busy = 0;
    for (Iterator<Passage> i = uncounted.iterator(); i.hasNext(); ) {
      Passage passage = i.next();
      double from = Math.max(counted, passage.start());
      double to = Math.min(now, passage.end());
      if (to > from) {
        busy += to - from;
        bytes += bytesBetween(from, to);
      }
      if (passage.end() <= now) {
        i.remove();
      }
    }
    counted = now;
    return new Count(bytes, busy);
  }

  private double bytesBetween(double from, double to) {
    double bytes = 0;
    for (double t = from; t < to; t += GRID_SECONDS) {
      double length = Math.min(GRID_SECONDS, to - t);
      bytes += length * rate(t + length / 2);
    }
    return bytes;
  }

  private double rate(double t) {
    return Math.max(LEAST_RATE, bytesPerSecond.applyAsDouble(t));
  }
}
