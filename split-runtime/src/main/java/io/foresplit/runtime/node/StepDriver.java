package io.foresplit.runtime.node;

import io.foresplit.runtime.proto.StepRecord;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The data owner's loop: one step of all clients after the other, unless held. Thread-safe. */
final class StepDriver implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(StepDriver.class);

  private static final int RELEASED_KEPT = 64;

  private final LongSupplier epoch;
  private final NodeMetrics metrics;
  private final InstantSource wall;
  private final LongSupplier nanoTime;
  private final StepLog log = new StepLog();
  private final Thread thread = new Thread(this::drive, "step-driver");

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private boolean held = true;
  private boolean inStep;
  private boolean closed;
  private String holder = "";
  private final Deque<String> released = new ArrayDeque<>();
  private boolean standing;
  private long standingSince;
  private long pausedMillis;
  private long nextStep;
  private volatile @Nullable StepRound round;

  /**
   * Held until it is first resumed.
   *
   * @param epoch in force
   */
  StepDriver(LongSupplier epoch, NodeMetrics metrics, InstantSource wall, LongSupplier nanoTime) {
    this.epoch = epoch;
    this.metrics = metrics;
    this.wall = wall;
    this.nanoTime = nanoTime;
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  StepLog log() {
    return log;
  }

  /** The action that steps are or were held for last; empty before the first. */
  String holder() {
    lock.lock();
    try {
      return holder;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Lets the step in flight finish and no other start. Blocks until then.
   *
   * @param action for which
   * @return the first step that has not been done
   */
  long hold(String action) throws InterruptedException {
    StepRound unused = round();
    lock.lock();
    try {
      if (released.contains(action)) {
        throw new IllegalStateException("steps have gone on already after '" + action + "'");
      }
      held = true;
      holder = action;
      while (inStep && held && holder.equals(action) && !closed) {
        changed.await();
      }
      if (!held || !holder.equals(action) || closed) {
        throw new IllegalStateException("the hold was given up before the step had ended");
      }
      if (!standing) {
        standing = true;
        standingSince = nanoTime.getAsLong();
      }
      return nextStep;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Goes on with steps. When the action's hold has never come here, that one is refused from now on
   * and nothing else changes.
   *
   * @param action that has held them, or was to
   * @return how long no step could start, in milliseconds rounded up
   */
  long resume(String action) {
    StepRound unused = round();
    lock.lock();
    try {
      if (!holder.isEmpty() && !holder.equals(action)) {
        if (held || released.contains(action)) {
          throw new IllegalStateException(
              "steps were held last for '" + holder + "', not for '" + action + "'");
        }
        holder = action;
        pausedMillis = 0;
      }
      if (standing) {
        pausedMillis = (nanoTime.getAsLong() - standingSince + 999_999) / 1_000_000;
        standing = false;
      }
      held = false;
      if (!released.contains(action)) {
        released.addLast(action);
      }
      if (released.size() > RELEASED_KEPT) {
        released.removeFirst();
      }
      changed.signalAll();
      return pausedMillis;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Has no other step start, whoever has held them so far. The step in flight is not waited for.
   */
  void halt(String action) {
    lock.lock();
    try {
      held = true;
      holder = action;
      if (!standing) {
        standing = true;
        standingSince = nanoTime.getAsLong();
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Waits until no step is in flight. */
  void awaitStill() throws InterruptedException {
    lock.lock();
    try {
      while (inStep && !closed) {
        changed.await();
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Begins at a step, or goes back to one, while none is in flight.
   *
   * @param steps empty when another node is to drive
   */
  void begin(long step, Optional<StepRound> steps) {
    lock.lock();
    try {
      nextStep = step;
      round = steps.orElse(null);
      standing = standing && steps.isPresent();
      log.truncate(step);
    } finally {
      lock.unlock();
    }
  }

  /** Whether this node drives steps, or did last. */
  boolean drives() {
    return round != null;
  }

  /** The first step that has not been done. */
  long nextStep() {
    lock.lock();
    try {
      return nextStep;
    } finally {
      lock.unlock();
    }
  }

  private StepRound round() {
    StepRound now = round;
    if (now == null) {
      throw new IllegalStateException("this node is not the data owner, it drives no steps");
    }
    return now;
  }

  private void drive() {
    try {
      while (awaitTurn()) {
        try {
          do {
            step();
          } while (goesOn());
          // before a hold takes effect, also those clients stop that steps have gone on without
          round().settle();
        } finally {
          ended();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException e) {
      // the worker has told why; without a known state of all segments no step may follow
      LOG.error("step {} failed, training stops: {}", nextStep, String.valueOf(e.getCause()));
    }
  }

  private void step() throws InterruptedException, ExecutionException {
    long step = nextStep;
    try {
      long start = nanoTime.getAsLong();
      StepRound.Result result = round().run(step);
      double seconds = (nanoTime.getAsLong() - start) / 1e9;
      metrics.step(seconds);
      log.add(
          StepRecord.newBuilder()
              .setStep(step)
              .setEpoch(epoch.getAsLong())
              .setLoss(result.loss())
              .setSeconds(seconds)
              .setFinishedMillis(wall.millis())
              .setLate(result.late())
              .setModelBytes(result.modelBytes())
              .build());
    } catch (CancellationException e) {
      LOG.info("step {} is given up, it is done again after the recovery", step);
    }
  }

  /** Whether the next step follows at once. Until {@link #ended} no hold takes effect. */
  private boolean goesOn() {
    lock.lock();
    try {
      nextStep = round().nextStep();
      return !held && !closed;
    } finally {
      lock.unlock();
    }
  }

  private void ended() {
    lock.lock();
    try {
      nextStep = round().nextStep();
      inStep = false;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private boolean awaitTurn() throws InterruptedException {
    lock.lock();
    try {
      while (held && !closed) {
        changed.await();
      }
      inStep = !closed;
      return inStep;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    thread.interrupt();
  }
}
