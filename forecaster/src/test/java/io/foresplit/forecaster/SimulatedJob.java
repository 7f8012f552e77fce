package io.foresplit.forecaster;

import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Conditions;
import io.foresplit.contract.Fixtures;
import io.foresplit.contract.IntervalTick;
import io.foresplit.contract.JobRecord;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.Metric;
import io.foresplit.contract.MetricSample;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.NodeSpec;
import io.foresplit.contract.Objective;
import io.foresplit.contract.ObjectiveId;
import io.foresplit.contract.Placement;
import io.foresplit.contract.SegmentMetrics;
import io.foresplit.contract.SeriesKey;
import io.foresplit.contract.SplitTopology;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * The log of a job like the demo's, from a formula: links with AR(1) noise and a slow wave, a fault
 * that ramps in on a logarithmic scale within 30 s, and the documented step-time model.
 */
public final class SimulatedJob {
  public static final NodeId DEVICE = new NodeId("device");
  public static final NodeId EDGE = new NodeId("edge");
  public static final NodeId CLOUD = new NodeId("cloud");
  public static final ObjectiveId STEP = new ObjectiveId("step-time");
  public static final ObjectiveId LOSS = new ObjectiveId("loss");
  public static final int FIRST = 1000;
  static final double TICK_SECONDS = 0.5;
  private static final double RAMP_TICKS = 60;
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  /** What goes wrong. */
  public enum Fault {
    NONE,
    UPLINK_FADE,
    SLOWDOWN,
    LABEL_DRIFT,
    EDGE_LOST,
    STANDSTILL
  }

  private final ModelPlanner planner = new ModelPlanner();
  private final JobSpec job;
  private final Fault fault;
  private final int onset;
  private final double rampTicks;
  private final Random random;
  private final Map<SeriesKey, Double> noise = new HashMap<>();
  private final double phase;
  private Placement placement;
  private long epoch;
  private long interval = FIRST - 1;
  private int pausedTicks;
  private boolean healed;
  private double stepProgress;
  private double loss = 0.9;

  /**
   * @param onset tick the fault begins at, counted from 0
   */
  public SimulatedJob(Fault fault, int onset, long seed) {
    this(fault, onset, RAMP_TICKS, seed);
  }

  /** A job whose fault takes so many ticks until it is whole. */
  SimulatedJob(Fault fault, int onset, double rampTicks, long seed) {
    this.rampTicks = rampTicks;
    this.fault = fault;
    this.onset = onset;
    this.random = new Random(seed);
    this.phase = random.nextDouble() * 2 * Math.PI;
    this.placement = Fixtures.placement();
    double healthy = planner.predict(spec(1), placement, spec(1).declaredConditions());
    this.job = spec(healthy / (0.5 + 0.15 * random.nextDouble()));
  }

  /** The fixture job with another bound on the step time. */
  private static JobSpec spec(double bound) {
    JobSpec job = Fixtures.lenetJob();
    List<Objective> objectives =
        job.objectives().stream()
            .map(
                o ->
                    o.id().equals(STEP)
                        ? new Objective(o.id(), o.metric(), bound, o.duration(), o.severity())
                        : o)
            .toList();
    return new JobSpec(
        job.id(),
        job.model(),
        job.batchSize(),
        job.interval(),
        job.layers(),
        job.nodes(),
        job.links(),
        job.dataOwner(),
        job.labelHolders(),
        job.minOwnerLayers(),
        objectives);
  }

  public JobSpec job() {
    return job;
  }

  public long interval() {
    return interval;
  }

  /** The announcement of the job at its epoch. */
  public SplitTopology topology() {
    return new SplitTopology(job, epoch, placement, START);
  }

  /** A move: a pause, then the new epoch. */
  public SplitTopology move(Placement to) {
    placement = to;
    epoch++;
    pausedTicks = 3;
    return topology();
  }

  /** The fault is over. */
  void heal() {
    healed = true;
  }

  /** How far the fault has come: 0 before, 1 when it is whole. */
  private double severity() {
    return healed ? 0 : Math.min(Math.max((interval - FIRST - onset) / rampTicks, 0), 1);
  }

  /** Conditions without noise. */
  public Conditions trueConditions() {
    Conditions conditions = job.declaredConditions();
    return switch (fault) {
      case UPLINK_FADE -> {
        SeriesKey rate = new SeriesKey(ComponentId.link(DEVICE, EDGE), Metric.LINK_RATE);
        double nominal = conditions.of(rate);
        yield conditions.with(rate, nominal * Math.pow(0.1, severity()));
      }
      case SLOWDOWN -> conditions.withSlowdown(EDGE, Math.pow(10, severity()));
      case NONE, LABEL_DRIFT, EDGE_LOST, STANDSTILL -> conditions;
    };
  }

  /** Seconds of a step without noise. */
  public double trueStepSeconds() {
    return planner.predict(job, placement, trueConditions());
  }

  public double trueLoss() {
    return loss;
  }

  /** The same in each run, unlike the hash of an enum. */
  private static int offset(SeriesKey series) {
    return (series.component().value().hashCode() + series.metric().number()) % 7;
  }

  /** Metrics and tick of the next interval. */
  public List<JobRecord> next() {
    interval++;
    Conditions real = trueConditions();
    for (SeriesKey series : ConditionSeries.of(job)) {
      double wave =
          series.metric() == Metric.LINK_RATE
              ? 0.05 * Math.sin(phase + interval * 2 * Math.PI / 80 + offset(series))
              : 0;
      double sigma = series.metric() == Metric.LINK_DELAY_SECONDS ? 0.1 : 0.04;
      real = real.with(series, real.of(series) * (1 + wave) * Math.exp(ar(series, sigma)));
    }
    List<JobRecord> records = new ArrayList<>();
    boolean lost = fault == Fault.EDGE_LOST && severity() > 0;
    for (NodeSpec node : job.nodes()) {
      if (!(lost && node.id().equals(EDGE))) {
        records.add(
            new SegmentMetrics(job.id(), node.id(), epoch, interval, 3, samples(node.id(), real)));
      }
    }
    List<MetricSample> whole = new ArrayList<>();
    loss =
        severity() > 0 && fault == Fault.LABEL_DRIFT
            ? 0.7 + 1.8 * severity()
            : 0.5 + 0.4 * Math.exp(-(interval - FIRST) / 400.0);
    if (pausedTicks > 0) {
      pausedTicks--;
    } else if (!lost && !(fault == Fault.STANDSTILL && severity() > 0)) {
      double step = planner.predict(job, placement, real) * Math.exp(0.02 * random.nextGaussian());
      stepProgress += TICK_SECONDS / step;
      if (stepProgress >= 1) {
        stepProgress -= Math.floor(stepProgress);
        whole.add(new MetricSample(ComponentId.JOB, Metric.STEP_SECONDS, step));
        whole.add(
            new MetricSample(
                ComponentId.JOB, Metric.LOSS, Math.max(0.01, loss + 0.15 * random.nextGaussian())));
      }
    }
    records.add(new SegmentMetrics(job.id(), DEVICE, epoch, interval, 3, whole));
    records.add(
        new IntervalTick(
            job.id(),
            interval,
            epoch,
            START.plusMillis(500 * (interval - FIRST + 1)),
            Duration.ofMillis(500),
            lost ? List.of(EDGE) : List.of()));
    return records;
  }

  private List<MetricSample> samples(NodeId node, Conditions real) {
    List<MetricSample> samples = new ArrayList<>();
    for (SeriesKey series : ConditionSeries.of(job)) {
      boolean mine = series.component().from().equals(node);
      boolean idle = series.metric() == Metric.SLOWDOWN && placement.firstLayer(node) < 0;
      boolean unlucky = random.nextInt(20) == 0;
      if (mine && !idle && !unlucky) {
        double measured = real.of(series) * Math.exp(0.01 * random.nextGaussian());
        samples.add(new MetricSample(series.component(), series.metric(), measured));
      }
    }
    return samples;
  }

  private double ar(SeriesKey series, double sigma) {
    double memory = 0.7;
    double next =
        memory * noise.getOrDefault(series, 0.0)
            + Math.sqrt(1 - memory * memory) * random.nextGaussian();
    noise.put(series, next);
    return sigma * next;
  }
}
