package io.foresplit.app.bench.pipeline;

import io.foresplit.bench.evaluate.Stages;
import io.foresplit.collector.CatchUp;
import io.foresplit.collector.CollectorConfig;
import io.foresplit.collector.CollectorEvent;
import io.foresplit.collector.JobCollector;
import io.foresplit.collector.RawReport;
import io.foresplit.contract.JobRecord;
import io.foresplit.contract.SegmentReport;
import io.foresplit.diagnoser.DiagnoserConfig;
import io.foresplit.diagnoser.DiagnosisStage;
import io.foresplit.forecaster.ForecastStage;
import io.foresplit.forecaster.JobState;
import io.foresplit.recovery.RecoveryConfig;
import io.foresplit.recovery.RecoveryStage;
import io.foresplit.runtime.plan.CutPlanner;
import java.lang.management.ManagementFactory;
import java.lang.ref.Reference;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Heap that the four stages hold for jobs whose windows are full: after a collection of garbage,
 * with the jobs less without. Kafka's own memory and state stores are not in it.
 */
final class StageMemory {
  private static final Duration INTERVAL = Duration.ofSeconds(5);
  private static final int COLLECTIONS = 3;

  /** Share of the heap that may be filled. */
  private static final double MOST = 0.6;

  private static final byte[] NO_EXCERPT = new byte[0];

  private final int intervals;

  /**
   * @param intervals that each job has reported
   */
  StageMemory(int intervals) {
    this.intervals = intervals;
  }

  /** What the stages know of a fleet. */
  private static final class Held {
    private final CutPlanner planner = new CutPlanner();
    private final ForecastStage forecaster = Stages.ofService().forecaster();
    private final DiagnosisStage diagnoser =
        new DiagnosisStage(DiagnoserConfig.defaults(), planner);
    private final RecoveryStage recovery = new RecoveryStage(RecoveryConfig.defaults(), planner);
    private final List<JobCollector> collectors = new ArrayList<>();
    private final List<JobState> states = new ArrayList<>();

    void take(JobState state, List<CollectorEvent> events) {
      for (CollectorEvent event : events) {
        if (event instanceof CollectorEvent.Emitted emitted) {
          JobRecord entry = emitted.record();
          recovery.learn(entry);
          diagnoser.on(entry);
          forecaster.on(state, entry);
        } else {
          throw new IllegalStateException("a report of the benchmark was not taken: " + event);
        }
      }
    }
  }

  /**
   * Bytes a segment; null when so many may not fit in the heap.
   *
   * @param expected bytes a segment as far as is known, 0 when nothing is
   */
  @Nullable Double perSegment(int segments, double expected) {
    long before = used();
    if (before + expected * segments > MOST * Runtime.getRuntime().maxMemory()) {
      return null;
    }
    Held held = new Held();
    Fleet fleet = new Fleet("held", segments, INTERVAL);
    long withFleet = used();
    try {
      for (int job = 0; job < fleet.jobs(); job++) {
        report(fleet, job, held);
      }
      return Math.max(0, used() - withFleet) / (double) segments;
    } finally {
      Reference.reachabilityFence(fleet);
      Reference.reachabilityFence(held);
    }
  }

  private void report(Fleet fleet, int job, Held held) {
    long length = INTERVAL.toMillis();
    CollectorConfig config = CollectorConfig.defaults();
    JobCollector collector = new JobCollector(config, new CatchUp(config, length));
    JobState state = held.forecaster.newState();
    held.collectors.add(collector);
    held.states.add(state);
    held.take(state, collector.onTopology(fleet.topology(job, Instant.EPOCH), 0, 0, NO_EXCERPT));
    for (long number = 1; number <= intervals; number++) {
      long now = (number + 1) * length;
      for (SegmentReport report : fleet.reports(job, number, Instant.ofEpochMilli(now))) {
        held.take(state, collector.onReport(new RawReport(report, 0, 0, now, NO_EXCERPT), now));
      }
    }
  }

  private static long used() {
    for (int i = 0; i < COLLECTIONS; i++) {
      ManagementFactory.getMemoryMXBean().gc();
    }
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }
}
