package io.foresplit.runtime.node;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;

/**
 * Busy threads that compete with the compute of a node for the processors. Of n threads that always
 * compute on P processors each gets P/n, so a factor f needs f·P − 1 besides the one that is
 * slowed. The last of them is busy for a share of each period only. Their number follows the fault,
 * and is none when there is none; {@link #close} ends all. Thread-safe.
 */
final class Contention implements AutoCloseable {
  private static final double PERIOD_SECONDS = 0.02;
  private static final int MOST_THREADS = 512;

  /** Steps of the generator between two looks at the clock, some 20 µs. */
  private static final int STEPS = 10_000;

  private final DoubleUnaryOperator factor;
  private final int processors;
  private final TrainingClock clock;
  private final Pacer pacer;
  private final List<Thread> threads = new ArrayList<>();
  private final Thread watch = new Thread(this::watch, "contention");
  private final SplittableRandom random;
  private volatile boolean closed;
  private volatile long result;

  /**
   * @param factor how much a thread that always computes is to be slowed, by seconds since training
   *     began; at least 1
   * @param seed of when in a period a thread that is not always busy pauses
   */
  Contention(
      DoubleUnaryOperator factor, int processors, long seed, TrainingClock clock, Pacer pacer) {
    this.factor = factor;
    this.processors = processors;
    this.clock = clock;
    this.pacer = pacer;
    random = new SplittableRandom(seed);
    watch.setDaemon(true);
  }

  /** Threads to be busy for a factor, the last of them for a part of the time. */
  static double wanted(double factor, int processors) {
    return factor > 1 ? Math.min(MOST_THREADS, factor * processors - 1) : 0;
  }

  void start() {
    watch.start();
  }

  /** Starts threads when they are first wanted; those no longer wanted end by themselves. */
  private void watch() {
    try {
      while (!closed) {
        synchronized (threads) {
          threads.removeIf(thread -> !thread.isAlive());
          int wanted = (int) Math.ceil(wanted());
          for (int rank = 0; rank < wanted; rank++) {
            ensure(rank);
          }
        }
        pause(clock.now() + PERIOD_SECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void ensure(int rank) {
    String name = "contention-" + rank;
    if (!closed && threads.stream().noneMatch(thread -> thread.getName().equals(name))) {
      double phase = random.nextDouble() * PERIOD_SECONDS;
      Thread thread = new Thread(() -> compete(rank, phase), name);
      thread.setDaemon(true);
      threads.add(thread);
      thread.start();
    }
  }

  private double wanted() {
    return wanted(factor.applyAsDouble(clock.now()), processors);
  }

  private void compete(int rank, double phase) {
    try {
      double begin = clock.now() - phase;
      while (!closed) {
        double share = Math.min(1, wanted() - rank);
        if (share <= 0) {
          return;
        }
        while (!closed && clock.now() < begin + share * PERIOD_SECONDS) {
          compute();
        }
        if (share < 1) {
          pause(begin + PERIOD_SECONDS);
        }
        begin += PERIOD_SECONDS * Math.ceil((clock.now() - begin) / PERIOD_SECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** A linear congruential generator (Knuth's constants); its result is stored so that it runs. */
  private void compute() {
    long value = result;
    for (int i = 0; i < STEPS; i++) {
      value = value * 6364136223846793005L + 1442695040888963407L;
    }
    result = value;
  }

  private void pause(double until) throws InterruptedException {
    pacer.until(clock.nanosAt(until));
  }

  /** Threads that compete now. */
  int busyThreads() {
    synchronized (threads) {
      return (int) threads.stream().filter(Thread::isAlive).count();
    }
  }

  @Override
  public void close() {
    closed = true;
    watch.interrupt();
    synchronized (threads) {
      threads.forEach(Thread::interrupt);
    }
  }
}
