package io.foresplit.runtime.node;

import io.foresplit.runtime.link.Setback;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.function.DoubleUnaryOperator;

/**
 * The emulated wire of one directed link: messages occupy it one after the other at the rate of the
 * moment, then travel for the one-way delay without occupying it, and arrive in order. What is lost
 * on the way occupies it again, and delays its message and those behind it. Its counters are those
 * of a network card: bytes put on the wire, and the time it was busy with them; and of these the
 * bytes that were not for nothing. So the rate is known in each interval in which anything was on
 * the wire, however long one message takes.
 *
 * <p>Pure; times are seconds since training began. Not thread-safe.
 */
public final class Wire {
  private static final double GRID_SECONDS = 0.02;
  private static final double LEAST_RATE = 1;

  private final DoubleUnaryOperator bytesPerSecond;
  private final DoubleUnaryOperator delaySeconds;
  private final Disturbance disturbance;
  private final Deque<Passage> uncounted = new ArrayDeque<>();
  private double free;
  private double lastArrival;
  private double counted;
  private long messages;

  /** What jitter and loss do to messages. */
  @FunctionalInterface
  public interface Disturbance {
    /**
     * To one message.
     *
     * @param message number on this wire, from 0
     * @param sent when its last bit was on the wire
     * @param bytes of the message
     * @param delaySeconds one-way delay of the wire then
     */
    Setback of(long message, double sent, long bytes, double delaySeconds);
  }

  /**
   * A wire without jitter and loss.
   *
   * @param bytesPerSecond rate at a moment, positive
   * @param delaySeconds one-way delay at a moment
   */
  public Wire(DoubleUnaryOperator bytesPerSecond, DoubleUnaryOperator delaySeconds) {
    this(bytesPerSecond, delaySeconds, (message, sent, bytes, delay) -> new Setback(0, 0));
  }

  /**
   * A wire.
   *
   * @param bytesPerSecond rate at a moment, positive
   * @param delaySeconds one-way delay at a moment
   */
  public Wire(
      DoubleUnaryOperator bytesPerSecond,
      DoubleUnaryOperator delaySeconds,
      Disturbance disturbance) {
    this.bytesPerSecond = bytesPerSecond;
    this.delaySeconds = delaySeconds;
    this.disturbance = disturbance;
  }

  /**
   * First bit on the wire, last bit on the wire, last bit at the far end.
   *
   * @param useful share of the bytes on the wire that are the message's own, not sent again
   */
  public record Passage(double start, double end, double arrival, double useful) {
    public double delay() {
      return arrival - end;
    }
  }

  /**
   * Bytes put on the wire, and how long it was busy with them.
   *
   * @param usefulBytes of them, without what was sent again
   */
  public record Count(double bytes, double busySeconds, double usefulBytes) {}

  /** Gives a message of so many bytes to the wire. */
  public Passage pass(double now, long bytes) {
    double start = Math.max(now, free);
    double sent = transmit(start, bytes);
    double delay = delaySeconds.applyAsDouble(sent);
    Setback setback = disturbance.of(messages++, sent, bytes, delay);
    double end = transmit(sent, setback.resentBytes());
    free = end;
    lastArrival = Math.max(lastArrival, end + Math.max(0, delay + setback.delaySeconds()));
    double useful = (double) bytes / (bytes + setback.resentBytes());
    Passage passage = new Passage(start, end, lastArrival, useful);
    uncounted.add(passage);
    return passage;
  }

  /** When so many bytes are on the wire that has been free for them from a moment on. */
  private double transmit(double start, long bytes) {
    double end = start;
    double left = bytes;
    while (true) {
      double rate = rate(end + GRID_SECONDS / 2);
      if (rate * GRID_SECONDS >= left) {
        return end + left / rate;
      }
      left -= rate * GRID_SECONDS;
      end += GRID_SECONDS;
    }
  }

  /** When the wire is free again. */
  double freeAt() {
    return free;
  }

  /** What was on the wire since the last count. */
  public Count count(double now) {
    double bytes = 0;
    double busy = 0;
    double useful = 0;
    for (Iterator<Passage> i = uncounted.iterator(); i.hasNext(); ) {
      Passage passage = i.next();
      double from = Math.max(counted, passage.start());
      double to = Math.min(now, passage.end());
      if (to > from) {
        busy += to - from;
        double put = bytesBetween(from, to);
        bytes += put;
        useful += put * passage.useful();
      }
      if (passage.end() <= now) {
        i.remove();
      }
    }
    counted = now;
    return new Count(bytes, busy, useful);
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
