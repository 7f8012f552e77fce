package io.foresplit.app.bench.pipeline;

import io.foresplit.contract.JobId;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.LayerProfile;
import io.foresplit.contract.LinkSpec;
import io.foresplit.contract.Metric;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.NodeSpec;
import io.foresplit.contract.Objective;
import io.foresplit.contract.ObjectiveId;
import io.foresplit.contract.Placement;
import io.foresplit.contract.SegmentReport;
import io.foresplit.contract.Severity;
import io.foresplit.contract.SplitTopology;
import io.foresplit.runtime.sim.SimulatedInterval;
import io.foresplit.runtime.sim.SimulatedRuntime;
import io.foresplit.runtime.sim.Simulation;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Healthy jobs of {@link #NODES} nodes each and what they report: intervals of one simulated job,
 * with its noise, each job elsewhere in them. Immutable and thread-safe.
 */
final class Fleet {
  /** Segments a job, one on each node. */
  static final int NODES = 5;

  private static final int TEMPLATES = 64;
  private static final int SETTLING = 10;
  private static final int STRIDE = 7;

  private final String name;
  private final int jobs;
  private final Duration interval;
  private final long epoch;
  private final List<List<SegmentReport>> templates;

  /**
   * @param name of its jobs, before their number
   * @param segments a multiple of {@link #NODES}
   * @param interval what jobs declare, at least 1 ms
   */
  Fleet(String name, int segments, Duration interval) {
    this(name, segments, interval, 0);
  }

  private Fleet(String name, int segments, Duration interval, long epoch) {
    this.name = name;
    this.jobs = segments / NODES;
    this.interval = interval;
    this.epoch = epoch;
    SimulatedRuntime runtime =
        new SimulatedRuntime(
            Simulation.of(spec(new JobId(name), Duration.ofMillis(500)), spread(), 1));
    List<List<SegmentReport>> heard = new ArrayList<>();
    for (int i = 0; heard.size() < TEMPLATES; i++) {
      SimulatedInterval next = runtime.nextInterval();
      if (i >= SETTLING && next.reports().size() == NODES) {
        heard.add(next.reports());
      }
    }
    templates = List.copyOf(heard);
  }

  /** The same jobs, declared anew with another interval. */
  Fleet withInterval(Duration other) {
    return new Fleet(name, jobs * NODES, other, epoch + 1);
  }

  int jobs() {
    return jobs;
  }

  Duration interval() {
    return interval;
  }

  JobId id(int job) {
    return new JobId(name + "-" + job);
  }

  /** Mean number of samples in a report. */
  double samplesPerReport() {
    return templates.stream().flatMap(List::stream).mapToInt(r -> r.samples().size()).sum()
        / (double) (TEMPLATES * NODES);
  }

  SplitTopology topology(int job, Instant since) {
    return new SplitTopology(spec(id(job), interval), epoch, spread(), since);
  }

  /** What the nodes of a job say of an interval. */
  List<SegmentReport> reports(int job, long number, Instant at) {
    JobId id = id(job);
    return templates.get(Math.floorMod(number + (long) STRIDE * job, TEMPLATES)).stream()
        .map(
            report ->
                new SegmentReport(
                    id,
                    report.node(),
                    report.firstLayer(),
                    report.lastLayer(),
                    epoch,
                    number,
                    number,
                    at,
                    number,
                    report.samples()))
        .toList();
  }

  private static Placement spread() {
    List<NodeId> of = new ArrayList<>();
    for (int i = 0; i < NODES; i++) {
      of.add(node(i));
    }
    return new Placement(of);
  }

  private static NodeId node(int index) {
    return new NodeId("n" + index);
  }

  /** A LeNet's work over a chain, with an objective that holds. */
  private static JobSpec spec(JobId id, Duration interval) {
    List<NodeSpec> nodes = new ArrayList<>();
    List<LinkSpec> links = new ArrayList<>();
    List<LayerProfile> layers = new ArrayList<>();
    for (int i = 0; i < NODES; i++) {
      nodes.add(new NodeSpec(node(i), 0.5 + 0.1 * i));
      layers.add(new LayerProfile("layer" + i, 0.027 / NODES, 0.054 / NODES, 51_200, 40_000));
      if (i > 0) {
        links.add(new LinkSpec(node(i - 1), node(i), 6e6, 0.002));
        links.add(new LinkSpec(node(i), node(i - 1), 12e6, 0.002));
      }
    }
    Objective stepTime =
        new Objective(
            new ObjectiveId("step-time"),
            Metric.STEP_SECONDS,
            1,
            interval.multipliedBy(3),
            Severity.CRITICAL);
    return new JobSpec(
        id,
        "lenet",
        32,
        interval,
        layers,
        nodes,
        links,
        node(0),
        List.of(node(NODES - 1)),
        1,
        List.of(stepTime));
  }
}
