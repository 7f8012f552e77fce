package io.foresplit.collector;

import io.foresplit.contract.IntervalTick;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.SplitTopology;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Closes the intervals of a job in order: when all nodes have reported, or when the grace after the
 * interval's end is over. While no node at all is heard, it waits longer: then it is telemetry that
 * does not come, which says nothing of a node. It starts with the first report, sleeps when nobody
 * has reported for {@link CollectorConfig#longestCatchUp} intervals, and otherwise leaves no hole;
 * after a longer pause it jumps. Its state is the {@link IntervalLedger}. Pure and thread-safe.
 */
public final class IntervalClock {
  private final double graceIntervals;
  private final int longestCatchUp;
  private final long longestWaitMillis;

  public IntervalClock(CollectorConfig config) {
    graceIntervals = config.graceIntervals();
    longestCatchUp = config.longestCatchUp();
    longestWaitMillis = config.longestWait().toMillis();
  }

  /** Number of the interval that an instant is in. */
  public static long interval(SplitTopology topology, long millis) {
    return Math.floorDiv(millis, topology.job().interval().toMillis());
  }

  /** How long after its end an incomplete interval stays open. */
  long graceMillis(SplitTopology topology) {
    return Math.round(graceIntervals * topology.job().interval().toMillis());
  }

  /**
   * Starts or wakes the clock for a report.
   *
   * @param running the interval that runs now
   * @return how many intervals are jumped over, 0 as a rule
   */
  long wake(IntervalLedger ledger, long interval, long running) {
    long before = Math.min(interval, running) - 1;
    long floor = running - longestCatchUp - 1;
    if (!ledger.isStarted()) {
      ledger.close(Math.max(Math.max(before, floor), -1));
      return 0;
    }
    return jump(ledger, ledger.newest() > floor ? floor : Math.max(before, floor), floor);
  }

  /** Notes that something unusable came from a node, so that it is not taken for silent. */
  void hear(IntervalLedger ledger, long interval, NodeId node, long running) {
    if (ledger.isStarted() && interval > ledger.closed() && interval >= running - longestCatchUp) {
      ledger.hear(interval, node);
    }
  }

  /** Closes what is complete. */
  List<IntervalTick> closeComplete(IntervalLedger ledger, SplitTopology topology) {
    List<IntervalTick> ticks = new ArrayList<>();
    while (ledger.isStarted() && ledger.isComplete(ledger.closed() + 1, topology)) {
      ticks.add(close(ledger, topology));
    }
    return ticks;
  }

  /** Closes what ended more than the grace before {@code nowMillis}, complete or not. */
  List<IntervalTick> closeDue(IntervalLedger ledger, SplitTopology topology, long nowMillis) {
    List<IntervalTick> ticks = new ArrayList<>();
    if (!isAwake(ledger, topology, nowMillis)) {
      return ticks;
    }
    long length = topology.job().interval().toMillis();
    long due = Math.floorDiv(nowMillis - graceMillis(topology), length) - 1;
    if (nowMillis - (ledger.newest() + 1) * length < longestWaitMillis) {
      due = Math.min(due, ledger.newest());
    }
    while (ledger.closed() < due) {
      ticks.add(close(ledger, topology));
    }
    return ticks;
  }

  /** Intervals that are too old to be caught up with; they get no tick. */
  long skip(IntervalLedger ledger, SplitTopology topology, long nowMillis) {
    long floor = interval(topology, nowMillis) - longestCatchUp - 1;
    return isAwake(ledger, topology, nowMillis) ? jump(ledger, floor, floor) : 0;
  }

  private boolean isAwake(IntervalLedger ledger, SplitTopology topology, long nowMillis) {
    return ledger.isStarted() && interval(topology, nowMillis) - ledger.newest() <= longestCatchUp;
  }

  private static long jump(IntervalLedger ledger, long target, long floor) {
    if (ledger.closed() >= floor) {
      return 0;
    }
    long skipped = target - ledger.closed();
    ledger.close(target);
    return skipped;
  }

  private static IntervalTick close(IntervalLedger ledger, SplitTopology topology) {
    long interval = ledger.closed() + 1;
    long length = topology.job().interval().toMillis();
    IntervalTick tick =
        new IntervalTick(
            topology.jobId(),
            interval,
            topology.epoch(),
            Instant.ofEpochMilli((interval + 1) * length),
            topology.job().interval(),
            ledger.silent(interval, topology));
    ledger.close(interval);
    return tick;
  }
}
