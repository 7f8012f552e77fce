package io.foresplit.app.bench.pipeline;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.ToLongFunction;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * When what was published came out: one parcel is what a job's nodes say of one interval. Times are
 * monotonic nanoseconds. Thread-safe.
 */
final class Arrivals {
  private static final long NEVER = Long.MIN_VALUE;
  private static final long LOOK_NANOS = 5_000_000;

  private final LongSupplier nanoTime;
  private final Map<String, Parcel> parcels = new ConcurrentHashMap<>();
  private final AtomicInteger missing = new AtomicInteger();

  Arrivals(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  private static final class Parcel {
    private final long published;
    private final AtomicInteger open = new AtomicInteger(Fleet.NODES);
    private volatile long visible = NEVER;
    private volatile long judged = NEVER;

    Parcel(long published) {
      this.published = published;
    }
  }

  /** The name of a parcel. */
  static String key(String job, long interval) {
    return job + "/" + interval;
  }

  /** A parcel is about to be published. */
  void published(String key) {
    missing.incrementAndGet();
    parcels.put(key, new Parcel(nanoTime.getAsLong()));
  }

  /** All of a parcel is there to read; others are ignored. */
  void visible(String key) {
    Parcel parcel = parcels.get(key);
    if (parcel != null && parcel.visible == NEVER) {
      parcel.visible = nanoTime.getAsLong();
      missing.decrementAndGet();
    }
  }

  /** One of the reports of a parcel is there to read. */
  void oneVisible(String key) {
    Parcel parcel = parcels.get(key);
    if (parcel != null && parcel.open.decrementAndGet() == 0) {
      visible(key);
    }
  }

  /** The forecaster has judged the parcel's interval. */
  void judged(String key) {
    Parcel parcel = parcels.get(key);
    if (parcel != null && parcel.judged == NEVER) {
      parcel.judged = nanoTime.getAsLong();
    }
  }

  int count() {
    return parcels.size();
  }

  int missing() {
    return missing.get();
  }

  /** Waits until nothing is missing, or the limit is over. */
  void awaitAll(double seconds) {
    await(seconds, () -> missing.get() == 0);
  }

  /** Waits until everything is judged, or the limit is over. */
  void awaitJudged(double seconds) {
    await(seconds, () -> parcels.values().stream().allMatch(p -> p.judged != NEVER));
  }

  private void await(double seconds, BooleanSupplier done) {
    long end = nanoTime.getAsLong() + (long) (seconds * 1e9);
    while (!done.getAsBoolean() && nanoTime.getAsLong() < end) {
      LockSupport.parkNanos(LOOK_NANOS);
    }
  }

  /** Parcels that became visible from one time to before another one. */
  long visibleBetween(long from, long to) {
    return parcels.values().stream()
        .filter(p -> p.visible != NEVER && p.visible >= from && p.visible < to)
        .count();
  }

  /** From publishing to being visible; null when nothing was. */
  @Nullable Latency untilVisible() {
    return latency(parcel -> parcel.visible);
  }

  /** From publishing to the forecaster's judgement, of intervals that it judged. */
  @Nullable Latency untilJudged() {
    return latency(parcel -> parcel.judged);
  }

  private @Nullable Latency latency(ToLongFunction<Parcel> end) {
    return Latency.of(
        parcels.values().stream()
            .filter(p -> end.applyAsLong(p) != NEVER)
            .flatMapToLong(p -> LongStream.of(end.applyAsLong(p) - p.published))
            .sorted()
            .toArray());
  }
}
