package io.foresplit.collector;

import io.foresplit.contract.IntervalTick;
import io.foresplit.contract.Rejection;

/** Hears what the collector does, for its metrics. Called on stream threads; must be quick. */
public interface CollectorListener {
  /** A report was accepted. */
  default void accepted(int samples) {}

  /** A record was rejected. */
  default void rejected(Rejection.Code code) {}

  /** An interval was closed. */
  default void tick(IntervalTick tick) {}
}
