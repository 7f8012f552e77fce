package io.foresplit.collector;

import io.foresplit.contract.IntervalTick;
import io.foresplit.contract.Rejection;
import io.foresplit.contract.Rejection.Code;
import io.foresplit.contract.SegmentMetrics;
import io.foresplit.contract.SegmentReport;
import io.foresplit.contract.SplitTopology;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The collector's decisions for one job: topology, reports and the passing of time become its
 * ordered log. Time is passed in as wall time in milliseconds since 1970. Not thread-safe.
 */
public final class JobCollector {
  private final SampleValidator validator = new SampleValidator();
  private final SampleDeduplicator deduplicator = new SampleDeduplicator();
  private final IntervalClock clock;
  private final CatchUp catchUp;
  private @Nullable SplitTopology topology;
  private IntervalLedger ledger = new IntervalLedger();

  /** A job of which nothing is known. */
  public JobCollector(CollectorConfig config, CatchUp catchUp) {
    clock = new IntervalClock(config);
    this.catchUp = catchUp;
  }

  /** Takes up what was stored. */
  public void restore(SplitTopology known, IntervalLedger stored) {
    topology = known;
    ledger = stored;
  }

  /** The topology in force; null until one was announced. */
  public @Nullable SplitTopology topology() {
    return topology;
  }

  /** What has been closed; belongs to this collector. */
  public IntervalLedger ledger() {
    return ledger;
  }

  /**
   * An announcement. A later epoch replaces the known one; so does an earlier epoch that came into
   * force later, since then the job was started anew.
   */
  public List<CollectorEvent> onTopology(
      SplitTopology announced, int partition, long offset, byte[] excerpt) {
    List<String> violations = announced.placement().violations(announced.job());
    if (!violations.isEmpty()) {
      return refuse(Code.BAD_VALUE, String.join("; ", violations), partition, offset, excerpt);
    }
    SplitTopology known = topology;
    if (known == null) {
      return take(announced);
    }
    if (announced.equals(known)) {
      return List.of();
    }
    boolean isAnew = announced.since().isAfter(known.since());
    if (announced.epoch() <= known.epoch() && !isAnew) {
      return refuse(
          Code.STALE_EPOCH,
          "expected an epoch after " + known.epoch() + ", was " + announced.epoch(),
          partition,
          offset,
          excerpt);
    }
    if (announced.epoch() <= known.epoch()
        || !announced.job().interval().equals(known.job().interval())) {
      restart(known, announced);
    }
    return take(announced);
  }

  /** A report that could be read. */
  public List<CollectorEvent> onReport(RawReport raw, long nowMillis) {
    SegmentReport report = raw.report();
    SplitTopology known = topology;
    if (known == null) {
      return List.of(
          reject(
              raw,
              Code.UNKNOWN_JOB,
              "job: expected one whose topology was announced, was '" + report.job() + "'"));
    }
    catchUp.note(raw.recordMillis(), clock.graceMillis(known) / 2, nowMillis);
    long running = IntervalClock.interval(known, nowMillis);
    long recorded = IntervalClock.interval(known, Math.min(raw.recordMillis(), nowMillis));
    long current = Math.max(recorded, Math.min(ledger.newest(), running));
    Verdict verdict = validator.judge(report, known, current);
    if (verdict instanceof Verdict.Refused refused) {
      if (refused.code() == Code.BAD_VALUE) {
        clock.hear(ledger, report.interval(), report.node(), running);
      }
      return List.of(new CollectorEvent.Rejected(raw.rejected(refused)));
    }
    List<CollectorEvent> events = new ArrayList<>();
    jumped(known, clock.wake(ledger, report.interval(), running), events);
    if (report.interval() <= ledger.closed()) {
      events.add(
          reject(
              raw,
              Code.LATE,
              "interval: expected one after " + ledger.closed() + ", was " + report.interval()));
      return events;
    }
    if (deduplicator.judge(report, ledger) instanceof Verdict.Refused refused) {
      events.add(new CollectorEvent.Rejected(raw.rejected(refused)));
      return events;
    }
    ledger.accept(report.interval(), report.node(), report.sequence());
    events.add(
        new CollectorEvent.Emitted(
            new SegmentMetrics(
                report.job(),
                report.node(),
                report.epoch(),
                report.interval(),
                report.steps(),
                report.samples())));
    emit(clock.closeComplete(ledger, known), events);
    return events;
  }

  /** Time has passed. */
  public List<CollectorEvent> onTime(long nowMillis) {
    SplitTopology known = topology;
    if (known == null || !catchUp.isOver(nowMillis)) {
      return List.of();
    }
    List<CollectorEvent> events = new ArrayList<>();
    jumped(known, clock.skip(ledger, known, nowMillis), events);
    emit(clock.closeDue(ledger, known, nowMillis), events);
    emit(clock.closeComplete(ledger, known), events);
    return events;
  }

  private List<CollectorEvent> take(SplitTopology announced) {
    topology = announced;
    return List.of(new CollectorEvent.Emitted(announced));
  }

  /** The clock of a job that was started anew waits for its first report; none closes twice. */
  private void restart(SplitTopology known, SplitTopology announced) {
    IntervalLedger fresh = new IntervalLedger();
    if (known.job().interval().equals(announced.job().interval())) {
      fresh.close(ledger.closed());
    }
    ledger = fresh;
  }

  private static List<CollectorEvent> refuse(
      Code code, String reason, int partition, long offset, byte[] excerpt) {
    return List.of(
        new CollectorEvent.Rejected(
            new Rejection(code, "topology: " + reason, partition, offset, excerpt)));
  }

  private void jumped(SplitTopology known, long intervals, List<CollectorEvent> events) {
    if (intervals > 0) {
      events.add(new CollectorEvent.Jumped(known.jobId(), intervals, ledger.closed()));
    }
  }

  private static void emit(List<IntervalTick> ticks, List<CollectorEvent> events) {
    ticks.forEach(tick -> events.add(new CollectorEvent.Emitted(tick)));
  }

  private static CollectorEvent reject(RawReport raw, Code code, String reason) {
    return new CollectorEvent.Rejected(raw.rejected(new Verdict.Refused(code, reason)));
  }
}
