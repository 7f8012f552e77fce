package io.foresplit.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import io.foresplit.contract.ActionId;
import io.foresplit.contract.ComponentId;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.LayerProfile;
import io.foresplit.contract.Placement;
import io.foresplit.contract.SegmentReport;
import io.foresplit.contract.SplitTopology;
import io.foresplit.contract.TrainingRuntime.MoveResult;
import io.foresplit.contract.TrainingRuntime.State;
import io.foresplit.runtime.fault.DemoJob;
import io.foresplit.runtime.fault.FaultKind;
import io.foresplit.runtime.fault.FaultSchedule;
import io.foresplit.runtime.fault.FaultSpec;
import io.foresplit.runtime.link.GeneratedTrace;
import io.foresplit.runtime.sim.SimulatedInterval;
import io.foresplit.runtime.sim.SimulatedRuntime;
import io.foresplit.runtime.sim.Simulation;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The simulated runtime beside the real one: the demo's job (its nodes, links and layer times; all
 * activations as large as the second layer's) over gRPC on loopback, with a fade and a move. What
 * the simulation knows of the machine was measured before on another job, by {@link
 * MachineCalibrationTest}.
 */
@Timeout(120)
class SimulatedAgainstRealTest {
  private static final Logger LOG = LoggerFactory.getLogger(SimulatedAgainstRealTest.class);
  private static final int WIDTH = 400;
  private static final int REPORTS = 60;
  private static final int WARM_STEPS = 300;
  private static final int BUCKET_SECONDS = 4;
  private static final int BUCKETS = 5;
  private static final int MOVE_SECONDS = 3 * BUCKET_SECONDS;

  /**
   * By how much a busy machine may slow a reference pass; above, it is the machine that is seen.
   */
  private static final double BUSY = 1.1;

  private static final JobSpec JOB = job();
  private static final Placement BEFORE = Placement.ofCuts(Cluster.CHAIN, 5, List.of(1, 3));
  private static final Placement AFTER = Placement.ofCuts(Cluster.CHAIN, 5, List.of(2, 2));
  private static final FaultSpec FADE =
      new FaultSpec(
          FaultKind.UPLINK_FADE,
          ComponentId.link(DemoJob.DEVICE, DemoJob.EDGE),
          BUCKET_SECONDS,
          BUCKET_SECONDS,
          5,
          1);

  @TempDir Path data;

  private static JobSpec job() {
    JobSpec demo = DemoJob.JOB;
    List<LayerProfile> layers = new ArrayList<>();
    for (LayerProfile layer : demo.layers()) {
      layers.add(
          new LayerProfile(
              layer.name(),
              layer.forwardSeconds(),
              layer.backwardSeconds(),
              (long) demo.batchSize() * WIDTH * Float.BYTES,
              WIDTH * Float.BYTES));
    }
    return new JobSpec(
        demo.id(),
        demo.model(),
        demo.batchSize(),
        demo.interval(),
        layers,
        demo.nodes(),
        demo.links(),
        demo.dataOwner(),
        demo.labelHolders(),
        demo.minOwnerLayers(),
        demo.objectives());
  }

  @Test
  void stepsTakeAsLong() throws Exception {
    warmUp();
    Path file = data.resolve("fault.json");
    FaultSchedule.of(FADE).write(file);
    List<TrainingProgress.Step> realSteps;
    List<SplitTopology> realTopologies;
    Instant realStart;
    MoveResult realMove;
    double[] slowdowns;
    try (ReferencePass reference = new ReferencePass();
        Cluster cluster =
            Cluster.start(
                data.resolve("job"),
                JOB,
                BEFORE,
                WIDTH,
                options ->
                    options
                        .withTraces(job -> GeneratedTrace.forLinks(job, 3))
                        .withFaults(Optional.of(file)))) {
      cluster.awaitSteps(1);
      realStart = cluster.runtime().progress(JOB.id(), 0).started().orElseThrow();
      await(cluster, realStart, MOVE_SECONDS);
      realMove = cluster.move("m", 1, 0, AFTER);
      await(cluster, realStart, BUCKETS * BUCKET_SECONDS);
      realSteps = cluster.runtime().progress(JOB.id(), 0).log();
      slowdowns = slowdowns(reference, realStart);
      realTopologies = List.copyOf(cluster.announced);
    }

    SimulatedRuntime simulated =
        new SimulatedRuntime(
            Simulation.of(JOB, BEFORE, 3).withStart(realStart).withFaults(FaultSchedule.of(FADE)));
    simulated.advanceTo(MOVE_SECONDS);
    MoveResult move = simulated.move(JOB.id(), new ActionId("m"), 1, 0, AFTER);
    simulated.advanceTo(BUCKETS * BUCKET_SECONDS);
    List<SimulatedInterval> intervals = new ArrayList<>();
    while (intervals.size() < BUCKETS * BUCKET_SECONDS * 2) {
      intervals.add(simulated.nextInterval());
    }

    double[] real = medians(realSteps, realStart);
    double[] virtual = medians(simulated.progress(JOB.id(), 0).log(), realStart);
    for (int bucket = 0; bucket < BUCKETS; bucket++) {
      LOG.info(
          String.format(
              Locale.ROOT,
              "%2d-%2d s: a step takes %.1f ms really, %.1f ms simulated (%+.1f %%); a reference"
                  + " pass takes %.2f times as long as it should",
              bucket * BUCKET_SECONDS,
              (bucket + 1) * BUCKET_SECONDS,
              1e3 * real[bucket],
              1e3 * virtual[bucket],
              100 * (virtual[bucket] / real[bucket] - 1),
              slowdowns[bucket]));
    }
    LOG.info(
        "a move pauses {} ms really, {} simulated", realMove.pauseMillis(), move.pauseMillis());
    assertThat(realMove.state()).isEqualTo(State.COMMITTED);
    assertThat(move.state()).isEqualTo(State.COMMITTED);
    assertThat(move.epoch()).isEqualTo(realMove.epoch());
    assertThat(realMove.detail()).startsWith(move.detail());
    assertThat(
            intervals.stream()
                .flatMap(i -> i.announced().stream())
                .map(SplitTopology::placement)
                .toList())
        .isEqualTo(realTopologies.stream().map(SplitTopology::placement).distinct().toList());
    int judged = 0;
    for (int bucket = 0; bucket < BUCKETS; bucket++) {
      if (slowdowns[bucket] <= BUSY) {
        assertThat(virtual[bucket] / real[bucket]).as("bucket %d", bucket).isBetween(0.9, 1.1);
        judged++;
      }
    }
    if (judged == 0) {
      LOG.warn("step times are not compared: the machine is too busy all the time");
      abort("the machine is too busy to compare step times");
    }
  }

  /** A job runs for hours, not for the first seconds of a virtual machine. */
  private void warmUp() throws Exception {
    try (Cluster cluster = Cluster.start(data.resolve("warm"))) {
      cluster.awaitSteps(WARM_STEPS / 2);
      cluster.move("w1", 1, 0, Cluster.cut(1, 3));
      cluster.move("w2", 1, 1, Cluster.cut(2, 3));
      cluster.awaitSteps(WARM_STEPS);
    }
  }

  private static double[] slowdowns(ReferencePass reference, Instant start) {
    double[] slowdowns = new double[BUCKETS];
    Arrays.setAll(
        slowdowns,
        bucket -> {
          Instant from = start.plusSeconds((long) bucket * BUCKET_SECONDS);
          return reference.slowdown(from, from.plusSeconds(BUCKET_SECONDS));
        });
    return slowdowns;
  }

  /** Everyone with layers, a node that relays, and one at the end of the chain that idles. */
  static List<Placement> placements() {
    return List.of(Cluster.cut(2, 3), Cluster.cut(2, 2), Cluster.cut(4, 4));
  }

  @ParameterizedTest
  @MethodSource("placements")
  void theSameIsReported(Placement placement) throws Exception {
    JobSpec job = Cluster.job();
    List<SegmentReport> real;
    try (Cluster cluster =
        Cluster.start(data.resolve("job"), job, placement, 8, options -> options)) {
      int steps = 1;
      while (cluster.reports.size() < REPORTS) {
        steps = cluster.awaitSteps(steps).size() + 1;
      }
      real = List.copyOf(cluster.reports);
    }
    SimulatedRuntime simulated = new SimulatedRuntime(Simulation.of(job, placement, 1));
    List<SegmentReport> virtual = new ArrayList<>();
    while (virtual.size() < REPORTS) {
      virtual.addAll(simulated.nextInterval().reports());
    }
    assertThat(series(virtual))
        .isEqualTo(series(real))
        .anyMatch(series -> series.contains("LOSS"))
        .anyMatch(series -> series.contains("INPUT_VARIANCE"));
  }

  /**
   * Who reports which series at which epoch with which layers; without each node's first interval
   * of an epoch, which has something of the one before or not by chance.
   */
  private static Set<String> series(Collection<SegmentReport> reports) {
    Set<String> series = new TreeSet<>();
    Set<String> begun = new HashSet<>();
    for (SegmentReport report : reports) {
      if (begun.add(report.node() + " " + report.epoch())) {
        continue;
      }
      report
          .samples()
          .forEach(
              sample ->
                  series.add(
                      report.node()
                          + " at "
                          + report.epoch()
                          + " with "
                          + report.firstLayer()
                          + "-"
                          + report.lastLayer()
                          + ": "
                          + sample.series()));
    }
    return series;
  }

  private static void await(Cluster cluster, Instant start, int seconds) throws Exception {
    int steps = 1;
    while (true) {
      List<TrainingProgress.Step> log = cluster.awaitSteps(steps);
      Instant last = log.get(log.size() - 1).finished();
      if (Duration.between(start, last).toMillis() >= seconds * 1_000L) {
        return;
      }
      steps = log.size() + 1;
    }
  }

  private static double[] medians(List<TrainingProgress.Step> steps, Instant start) {
    double[] medians = new double[BUCKETS];
    for (int bucket = 0; bucket < BUCKETS; bucket++) {
      int of = bucket;
      double[] seconds =
          steps.stream()
              .filter(
                  step ->
                      Duration.between(start, step.finished()).toMillis() / 1_000 / BUCKET_SECONDS
                          == of)
              .mapToDouble(TrainingProgress.Step::seconds)
              .sorted()
              .toArray();
      assertThat(seconds).as("steps in bucket %d", bucket).isNotEmpty();
      medians[bucket] = seconds[seconds.length / 2];
    }
    return medians;
  }
}
