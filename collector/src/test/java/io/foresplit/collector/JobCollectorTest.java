package io.foresplit.collector;

import static io.foresplit.collector.Reports.FIRST;
import static io.foresplit.collector.Reports.startOf;
import static org.assertj.core.api.Assertions.assertThat;

import io.foresplit.contract.Fixtures;
import io.foresplit.contract.IntervalTick;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.Placement;
import io.foresplit.contract.Rejection.Code;
import io.foresplit.contract.SegmentReport;
import io.foresplit.contract.SplitTopology;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The decisions of a job, time passed in; intervals of 500 ms, one interval of grace. */
class JobCollectorTest {
  private static final CollectorConfig CONFIG = CollectorConfig.defaults();

  private final List<CollectorEvent> events = new ArrayList<>();
  private JobCollector job = collector(startOf(FIRST - 10));

  @BeforeEach
  void announce() {
    events.addAll(job.onTopology(Fixtures.topology(), 0, 0, new byte[0]));
  }

  @Test
  void ticksWhenAllNodesHaveReported() {
    report(FIRST, Fixtures.DEVICE, Fixtures.EDGE);
    assertThat(ticks()).isEmpty();
    report(FIRST, Fixtures.CLOUD);
    assertThat(ticks())
        .containsExactly(
            new IntervalTick(
                Fixtures.JOB,
                FIRST,
                0,
                Instant.ofEpochMilli(startOf(FIRST + 1)),
                Fixtures.lenetJob().interval(),
                List.of()));
    assertThat(events).last().isInstanceOf(CollectorEvent.Emitted.class);
  }

  @Test
  void intervalsCloseInTheirOrder() {
    report(FIRST, Fixtures.DEVICE, Fixtures.EDGE);
    report(FIRST + 1, Fixtures.DEVICE, Fixtures.EDGE, Fixtures.CLOUD);
    assertThat(ticks()).isEmpty();
    report(FIRST, Fixtures.CLOUD);
    assertThat(intervals()).containsExactly(FIRST, FIRST + 1);
  }

  @Test
  void silentNodesAreNamedWhenTheGraceIsOver() {
    report(FIRST, Fixtures.DEVICE, Fixtures.CLOUD);
    time(startOf(FIRST + 2) - 1);
    assertThat(ticks()).isEmpty();
    time(startOf(FIRST + 2));
    assertThat(ticks()).extracting(IntervalTick::silent).containsExactly(List.of(Fixtures.EDGE));
  }

  @Test
  void whenNobodyIsHeardItWaitsLonger() {
    reportAll(FIRST);
    long longest = CONFIG.longestWait().toMillis();
    time(startOf(FIRST + 1) + longest - 1);
    assertThat(intervals()).containsExactly(FIRST);
    time(startOf(FIRST + 1) + longest);
    assertThat(ticks()).hasSizeGreaterThan(50);
    assertThat(ticks()).last().extracting(IntervalTick::silent).isEqualTo(Reports.NODES);
  }

  @Test
  void nobodyIsSilentWhileReportsWaitBehindABurst() {
    reportAll(FIRST);
    long behind = 2000;
    for (long interval = FIRST + 1; interval <= FIRST + 20; interval++) {
      for (NodeId node : Reports.NODES) {
        long now = Reports.sentAt(interval) + behind;
        accept(Reports.report(node, interval), now);
        time(now + 10);
      }
    }
    assertThat(intervals())
        .containsExactlyElementsOf(LongStream.rangeClosed(FIRST, FIRST + 20).boxed().toList());
    assertThat(ticks()).allSatisfy(tick -> assertThat(tick.silent()).isEmpty());
    assertThat(codes()).isEmpty();
  }

  @Test
  void aNodeIsFoundSilentEvenIfEveryReportIsOld() {
    long behind = 2000;
    for (long interval = FIRST; interval <= FIRST + 80; interval++) {
      long now = Reports.sentAt(interval) + behind;
      accept(Reports.report(Fixtures.DEVICE, interval), now);
      time(now + 10);
    }
    assertThat(ticks())
        .last()
        .extracting(IntervalTick::silent)
        .isEqualTo(List.of(Fixtures.EDGE, Fixtures.CLOUD));
  }

  @Test
  void lateAndRepeatedReportsAreRejected() {
    report(FIRST, Fixtures.DEVICE);
    report(FIRST, Fixtures.DEVICE);
    accept(Reports.report(Fixtures.DEVICE, FIRST, 99), Reports.sentAt(FIRST));
    time(startOf(FIRST + 2));
    report(FIRST, Fixtures.EDGE);
    assertThat(codes()).containsExactly(Code.DUPLICATE, Code.DUPLICATE, Code.LATE);
    assertThat(intervals()).containsExactly(FIRST);
  }

  @Test
  void aNodeWithAnUnusableReportIsNotSilent() {
    report(FIRST, Fixtures.DEVICE, Fixtures.EDGE);
    accept(
        Reports.report(Fixtures.CLOUD, FIRST, 1, Reports.sample(Fixtures.CLOUD, Double.NaN)),
        Reports.sentAt(FIRST));
    assertThat(ticks()).isEmpty();
    time(startOf(FIRST + 2));
    assertThat(codes()).containsExactly(Code.BAD_VALUE);
    assertThat(ticks()).extracting(IntervalTick::silent).containsExactly(List.of());
  }

  @Test
  void aReportOfAnUnknownJobIsRejected() {
    job = collector(0);
    report(FIRST, Fixtures.DEVICE);
    assertThat(codes()).containsExactly(Code.UNKNOWN_JOB);
  }

  @Test
  void noRecordAloneCanMoveTheClockAhead() {
    report(FIRST, Fixtures.DEVICE);
    // the record claims to be from far ahead, and so does the report
    long ahead = FIRST + 1000;
    events.addAll(
        job.onReport(
            raw(Reports.report(Fixtures.DEVICE, ahead), startOf(ahead)), Reports.sentAt(FIRST)));
    assertThat(codes()).containsExactly(Code.FUTURE);
  }

  @Test
  void aRestartNeitherRepeatsNorLosesTicks() {
    reportAll(FIRST);
    report(FIRST + 1, Fixtures.DEVICE, Fixtures.EDGE);
    restart(startOf(FIRST + 2));
    report(FIRST + 1, Fixtures.DEVICE);
    report(FIRST + 1, Fixtures.CLOUD);
    reportAll(FIRST + 2);
    assertThat(intervals()).containsExactly(FIRST, FIRST + 1, FIRST + 2);
    assertThat(codes()).containsExactly(Code.DUPLICATE);
    assertThat(ticks()).allSatisfy(tick -> assertThat(tick.silent()).isEmpty());
  }

  @Test
  void whatWasReportedMeanwhileIsReadBeforeTimeCloses() {
    reportAll(FIRST);
    long back = startOf(FIRST + 21);
    restart(back);
    time(back + 50);
    for (long interval = FIRST + 1; interval <= FIRST + 20; interval++) {
      for (NodeId node : Reports.NODES) {
        accept(Reports.report(node, interval), back + 100);
      }
      time(back + 100);
    }
    time(back + 1200);
    assertThat(intervals())
        .containsExactlyElementsOf(LongStream.rangeClosed(FIRST, FIRST + 20).boxed().toList());
    assertThat(ticks()).allSatisfy(t -> assertThat(t.silent()).isEmpty());
    assertThat(codes()).isEmpty();
  }

  @Test
  void afterALongPauseItJumps() {
    reportAll(FIRST);
    long back = FIRST + 2000;
    restart(startOf(back));
    for (long interval = FIRST + 1; interval < back; interval++) {
      for (NodeId node : Reports.NODES) {
        accept(Reports.report(node, interval), startOf(back));
      }
    }
    assertThat(events).hasAtLeastOneElementOfType(CollectorEvent.Jumped.class);
    assertThat(intervals()).hasSize(1 + 240).endsWith(back - 1).doesNotHaveDuplicates().isSorted();
    assertThat(codes()).hasSize(3 * (1999 - 240)).containsOnly(Code.LATE);
  }

  @Test
  void itSleepsWhenNobodyReportsAndWakesWithTheNextReport() {
    reportAll(FIRST);
    for (long interval = FIRST + 1; interval < FIRST + 1000; interval++) {
      time(startOf(interval));
    }
    assertThat(ticks().size()).isBetween(230, 241);
    int before = ticks().size();
    report(FIRST + 1000, Fixtures.DEVICE, Fixtures.EDGE, Fixtures.CLOUD);
    assertThat(intervals().subList(before, intervals().size())).containsExactly(FIRST + 1000);
  }

  @Test
  void topologiesAreTakenInOrderOfTheirEpoch() {
    SplitTopology moved = Fixtures.topology(2);
    events.clear();
    events.addAll(job.onTopology(moved, 0, 1, new byte[0]));
    events.addAll(job.onTopology(moved, 0, 2, new byte[0]));
    events.addAll(job.onTopology(Fixtures.topology(1), 0, 3, new byte[0]));
    assertThat(events).first().isEqualTo(new CollectorEvent.Emitted(moved));
    assertThat(events).hasSize(2);
    assertThat(codes()).containsExactly(Code.STALE_EPOCH);

    events.addAll(
        job.onTopology(
            new SplitTopology(
                Fixtures.lenetJob(),
                3,
                new Placement(List.of(Fixtures.CLOUD)),
                Fixtures.topology().since()),
            0,
            4,
            new byte[0]));
    assertThat(codes()).containsExactly(Code.STALE_EPOCH, Code.BAD_VALUE);
    assertThat(job.topology()).isEqualTo(moved);
  }

  @Test
  void aJobStartedAnewTicksFromItsFirstReport() {
    reportAll(FIRST);
    SplitTopology anew =
        new SplitTopology(
            Fixtures.lenetJob(),
            0,
            Fixtures.placement(),
            Fixtures.topology().since().plusSeconds(60));
    events.addAll(job.onTopology(anew, 0, 1, new byte[0]));
    time(startOf(FIRST + 100));
    reportAll(FIRST + 100);
    assertThat(intervals()).containsExactly(FIRST, FIRST + 100);
  }

  private static JobCollector collector(long start) {
    return new JobCollector(CONFIG, new CatchUp(CONFIG, start));
  }

  private void restart(long now) {
    SplitTopology known = job.topology();
    IntervalLedger stored = IntervalLedger.decode(job.ledger().encode());
    assertThat(stored).usingRecursiveComparison().isEqualTo(job.ledger());
    job = collector(now);
    job.restore(known, stored);
  }

  private void reportAll(long interval) {
    report(interval, Fixtures.DEVICE, Fixtures.EDGE, Fixtures.CLOUD);
  }

  private void report(long interval, NodeId... nodes) {
    for (NodeId node : nodes) {
      accept(Reports.report(node, interval), Reports.sentAt(interval));
    }
  }

  private void accept(SegmentReport report, long now) {
    events.addAll(job.onReport(raw(report, Reports.sentAt(report.interval())), now));
  }

  private static RawReport raw(SegmentReport report, long recordMillis) {
    return new RawReport(report, 0, 0, recordMillis, new byte[0]);
  }

  private void time(long now) {
    events.addAll(job.onTime(now));
  }

  private List<IntervalTick> ticks() {
    return events.stream()
        .filter(CollectorEvent.Emitted.class::isInstance)
        .map(event -> ((CollectorEvent.Emitted) event).record())
        .filter(IntervalTick.class::isInstance)
        .map(IntervalTick.class::cast)
        .toList();
  }

  private List<Long> intervals() {
    return ticks().stream().map(IntervalTick::interval).toList();
  }

  private List<Code> codes() {
    return events.stream()
        .filter(CollectorEvent.Rejected.class::isInstance)
        .map(event -> ((CollectorEvent.Rejected) event).rejection().code())
        .toList();
  }
}
