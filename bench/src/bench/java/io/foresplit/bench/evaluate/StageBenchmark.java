package io.foresplit.bench.evaluate;

import io.foresplit.collector.CatchUp;
import io.foresplit.collector.CollectorConfig;
import io.foresplit.collector.CollectorEvent;
import io.foresplit.collector.JobCollector;
import io.foresplit.collector.RawReport;
import io.foresplit.contract.Diagnosis;
import io.foresplit.contract.Incident;
import io.foresplit.contract.IntervalTick;
import io.foresplit.contract.JobRecord;
import io.foresplit.contract.SegmentReport;
import io.foresplit.contract.wire.Codecs;
import io.foresplit.contract.wire.MalformedRecordException;
import io.foresplit.diagnoser.DiagnosisStage;
import io.foresplit.forecaster.ForecastEvent;
import io.foresplit.forecaster.ForecastStage;
import io.foresplit.forecaster.ForecasterConfig;
import io.foresplit.forecaster.JobState;
import io.foresplit.forecaster.JobStateCodec;
import io.foresplit.recovery.Effect;
import io.foresplit.recovery.RecoveryStage;
import io.foresplit.recovery.RuntimeResult;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.infra.Blackhole;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/**
 * Microseconds that each stage takes for one report interval of a job of three nodes, or for one
 * incident or diagnosis, without Kafka. Windows are full. Figures are in {@code
 * docs/pipeline-benchmark.md}.
 *
 * <p>{@code mvn -Pbench -pl bench -am test -Dtest=StageBenchmark
 * -Dsurefire.failIfNoSpecifiedTests=false}
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class StageBenchmark {
  private static final byte[] NO_EXCERPT = new byte[0];

  /** A collector that closes interval after interval. */
  @State(Scope.Benchmark)
  public static class Collecting {
    private final RecordedJob job = new RecordedJob();
    private final CollectorConfig config = CollectorConfig.defaults();
    private final JobCollector collector =
        new JobCollector(config, new CatchUp(config, end(job, 0)));
    private long next;

    @Setup
    public void begin() {
      collector.onTopology(job.topology, 0, 0, NO_EXCERPT);
    }

    /** Every interval was complete, so every one is closed. */
    @TearDown
    public void check() {
      require(
          collector.ledger().closed() == job.number(next - 1),
          "the collector closed intervals up to " + collector.ledger().closed());
    }

    static long end(RecordedJob job, long n) {
      return (job.number(n) + 1) * job.topology.job().interval().toMillis();
    }
  }

  /** Making the records of an interval, which is in each figure of an interval. */
  @Benchmark
  public List<JobRecord> recordsOfInterval(Healthy at) {
    return at.job.log(at.job.healthy(at.next++));
  }

  @Benchmark
  public void collectorInterval(Collecting at, Blackhole out) {
    long now = Collecting.end(at.job, at.next);
    for (SegmentReport report : at.job.healthy(at.next)) {
      List<CollectorEvent> events =
          at.collector.onReport(new RawReport(report, 0, 0, now, NO_EXCERPT), now);
      out.consume(events);
    }
    at.next++;
  }

  /** A forecaster that has read a healthy job. */
  @State(Scope.Benchmark)
  public static class Healthy {
    private final RecordedJob job = new RecordedJob();
    private final ForecastStage usual = stage(ForecasterConfig.defaults().calmTicks());
    private final ForecastStage calm = stage(1000);
    private final ForecastStage due = stage(1);
    private final JobState usualState = usual.newState();
    private final JobState calmState = calm.newState();
    private final JobState dueState = due.newState();
    private long next = RecordedJob.HEALTHY;

    private static ForecastStage stage(int calmTicks) {
      ForecasterConfig c = ForecasterConfig.defaults();
      return new ForecastStage(
          new ForecasterConfig(
              c.windowLength(),
              c.horizon(),
              calmTicks,
              c.leastValues(),
              c.leastValuesAfterMove(),
              c.healthyValues(),
              c.warmUpTicks(),
              c.openProbability(),
              c.openTicks(),
              c.silentTicks(),
              c.resolveProbability(),
              c.resolveTicks(),
              c.updateTicks(),
              c.updateChange(),
              c.settledChange()),
          Stages.ofService().planner());
    }

    @Setup
    public void begin() {
      usual.on(usualState, job.topology);
      calm.on(calmState, job.topology);
      due.on(dueState, job.topology);
      for (long n = 0; n < RecordedJob.HEALTHY; n++) {
        List<JobRecord> log = job.log(job.healthy(n));
        log.forEach(entry -> usual.on(usualState, entry));
        log.forEach(entry -> calm.on(calmState, entry));
        log.forEach(entry -> due.on(dueState, entry));
      }
    }

    private void interval(ForecastStage stage, JobState state, Intervals intervals, Blackhole out) {
      for (JobRecord entry : job.log(job.healthy(next))) {
        List<ForecastEvent> events = stage.on(state, entry);
        intervals.count(entry, events);
        out.consume(events);
      }
      next++;
    }
  }

  /** How many intervals there were, and how many of them the forecaster judged. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.EVENTS)
  public static class Intervals {
    public long all;
    public long judged;

    private void count(JobRecord entry, List<ForecastEvent> events) {
      if (entry instanceof IntervalTick) {
        all++;
        judged += events.stream().anyMatch(ForecastEvent.RisksJudged.class::isInstance) ? 1 : 0;
      }
    }
  }

  /**
   * An interval of a job to which nothing happens, as the service takes it: forecast each eighth
   * time, and whenever noise comes near the edge of a healthy range.
   */
  @Benchmark
  public void forecasterHealthyInterval(Healthy at, Intervals intervals, Blackhole out) {
    at.interval(at.usual, at.usualState, intervals, out);
  }

  /** The same without each eighth time: noise alone has it forecast. */
  @Benchmark
  public void forecasterCalmInterval(Healthy at, Intervals intervals, Blackhole out) {
    at.interval(at.calm, at.calmState, intervals, out);
  }

  /** The same, forecast each time. */
  @Benchmark
  public void forecasterDueInterval(Healthy at, Intervals intervals, Blackhole out) {
    at.interval(at.due, at.dueState, intervals, out);
  }

  /** What the shell does with a job's state at each tick, beside the stage. */
  @Benchmark
  public byte[] forecasterStateEncoded(Healthy at) {
    return new JobStateCodec(at.usual, Codecs.JOB_RECORD).encode(at.usualState);
  }

  /** A job whose uplink fades. */
  @State(Scope.Benchmark)
  public static class Fading {
    private final RecordedJob job = new RecordedJob();
    private final Stages stages = Stages.ofService();
    private final ForecastStage forecaster = stages.forecaster();
    private final JobState state = forecaster.newState();
    private final Incident incident = job.incident(forecaster, state);
    private final DiagnosisStage diagnoser = job.diagnoser(stages, incident);
    private final Diagnosis diagnosis = RecordedJob.diagnosis(diagnoser, incident);
    private final RecoveryStage recovery = new RecoveryStage(stages.recovery(), stages.planning());
    private long next = incident.interval() - job.number(0) + 1;
    private final List<JobRecord> following = job.log(job.fading(next));

    /** Recovery holds the job's lease and has read what came before the incident. */
    @Setup
    public void begin() {
      recovery.learn(job.topology);
      for (long n = 0; n < next; n++) {
        for (JobRecord entry : job.log(job.fading(n))) {
          for (Effect effect : recovery.on(entry)) {
            if (effect instanceof Effect.Append append) {
              recovery.committed(append.entry(), VirtualService.TERM);
            } else if (effect instanceof Effect.Fence fence) {
              recovery.on(new RuntimeResult.Fenced(fence.job(), fence.term(), job.topology));
            }
          }
        }
      }
      List<Effect> effects = decided();
      require(
          effects.stream().anyMatch(Effect.CallRuntime.class::isInstance),
          "recovery was to move the job, but " + effects);
      require(!diagnosis.ranked().isEmpty(), "the diagnoser abstained");
    }

    /** What is decided at the end of the interval that follows the incident. */
    private List<Effect> decided() {
      recovery.learn(diagnosis);
      List<Effect> effects = List.of();
      for (JobRecord entry : following) {
        effects = recovery.on(entry);
      }
      return effects;
    }
  }

  /** The incident stays open, since nobody moves anything. */
  @Benchmark
  public void forecasterIncidentInterval(Fading at, Blackhole out) {
    for (JobRecord entry : at.job.log(at.job.fading(at.next++))) {
      List<ForecastEvent> events = at.forecaster.on(at.state, entry);
      out.consume(events);
    }
  }

  @Benchmark
  public List<Diagnosis> diagnoserIncident(Fading at) {
    return at.diagnoser.on(at.incident);
  }

  @Benchmark
  public void diagnoserInterval(Fading at, Blackhole out) {
    for (JobRecord entry : at.job.log(at.job.fading(at.next++))) {
      out.consume(at.diagnoser.on(entry));
    }
  }

  @Benchmark
  public void recoveryInterval(Fading at, Blackhole out) {
    for (JobRecord entry : at.job.log(at.job.fading(at.next++))) {
      out.consume(at.recovery.on(entry));
    }
  }

  /**
   * A move is planned, checked and decided on. Its intent never becomes durable and the interval is
   * the same each time, so that each decision is the first one.
   */
  @Benchmark
  public List<Effect> recoveryDecision(Fading at) {
    return at.decided();
  }

  /** Records on the way. */
  @State(Scope.Benchmark)
  public static class Wire {
    private final RecordedJob job = new RecordedJob();
    private final SegmentReport report = job.healthy(RecordedJob.HEALTHY).get(1);
    private final JobRecord metrics = job.log(List.of(report)).get(0);
  }

  @Benchmark
  public SegmentReport codecSegmentReport(Wire at) throws MalformedRecordException {
    return Codecs.SEGMENT_REPORT.decode(Codecs.SEGMENT_REPORT.encode(at.report));
  }

  @Benchmark
  public JobRecord codecSegmentMetrics(Wire at) throws MalformedRecordException {
    return Codecs.JOB_RECORD.decode(Codecs.JOB_RECORD.encode(at.metrics));
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalStateException(otherwise);
    }
  }

  /** Runs each in a JVM of its own. */
  @Test
  void run() throws Exception {
    // not on the command line, which must not be long where a model is loaded
    System.setProperty("jmh.separateClasspathJAR", "true");
    new Runner(
            new OptionsBuilder()
                .include(StageBenchmark.class.getName())
                .forks(1)
                .shouldFailOnError(true)
                .jvmArgs("-Xmx1g", "-XX:+UseSerialGC")
                .warmupIterations(2)
                .warmupTime(TimeValue.seconds(1))
                .measurementIterations(5)
                .measurementTime(TimeValue.seconds(1))
                .build())
        .run();
  }
}
