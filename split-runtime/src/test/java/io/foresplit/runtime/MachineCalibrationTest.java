package io.foresplit.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.foresplit.contract.ComponentId;
import io.foresplit.contract.JobId;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.LayerProfile;
import io.foresplit.contract.LinkSpec;
import io.foresplit.contract.Metric;
import io.foresplit.contract.MetricSample;
import io.foresplit.contract.NodeSpec;
import io.foresplit.contract.Placement;
import io.foresplit.contract.SegmentReport;
import io.foresplit.contract.TrainingRuntime.MoveResult;
import io.foresplit.runtime.coordinator.MovePolicy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.apache.commons.math3.stat.descriptive.DescriptiveStatistics;
import org.apache.commons.math3.stat.regression.OLSMultipleLinearRegression;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Measures what real nodes add to declared compute and links, for {@code Machine.usual()}; see
 * docs/simulation.md for the command. The job is one of its own: three equal layers and nodes,
 * links that take no time. What a step takes beyond compute is explained by least squares from the
 * number of links its messages pass, the number of messages and their bytes, over placements and
 * sizes that tell these apart.
 */
@EnabledIfSystemProperty(named = "foresplit.calibrate", matches = ".+")
class MachineCalibrationTest {
  private static final Logger LOG = LoggerFactory.getLogger(MachineCalibrationTest.class);
  private static final int BATCH = 32;
  private static final int LAYERS = 3;
  private static final double FORWARD = 0.004;
  private static final double BACKWARD = 0.008;
  private static final int WARM_STEPS = 20;
  private static final int STEPS = 70;
  private static final int MOVES = 12;
  private static final int[] WIDTHS = {8, 400, 2_000};
  private static final Placement SPREAD = cuts(1, 2);
  private static final Placement OWNER = cuts(3, 3);

  @TempDir Path data;

  /** A placement, and how many messages a step sends over how many links. */
  private record Way(Placement placement, int messages, int hops) {}

  private static final List<Way> WAYS =
      List.of(
          new Way(OWNER, 0, 0),
          new Way(cuts(1, 3), 2, 2),
          new Way(cuts(2, 2), 2, 4),
          new Way(SPREAD, 4, 4));

  private static Placement cuts(int first, int second) {
    return Placement.ofCuts(Cluster.CHAIN, LAYERS, List.of(first, second));
  }

  private static JobSpec job(int width) {
    List<LinkSpec> links = new ArrayList<>();
    for (int i = 1; i < Cluster.CHAIN.size(); i++) {
      links.add(new LinkSpec(Cluster.CHAIN.get(i - 1), Cluster.CHAIN.get(i), 1e11, 0));
      links.add(new LinkSpec(Cluster.CHAIN.get(i), Cluster.CHAIN.get(i - 1), 1e11, 0));
    }
    return new JobSpec(
        new JobId("calibration"),
        "scaling",
        BATCH,
        Duration.ofMillis(500),
        IntStream.range(0, LAYERS)
            .mapToObj(
                i -> new LayerProfile("layer" + i, FORWARD, BACKWARD, bytes(width), 4L * width))
            .toList(),
        Cluster.CHAIN.stream().map(node -> new NodeSpec(node, 1)).toList(),
        links,
        Cluster.DEVICE,
        Cluster.CHAIN,
        1,
        List.of());
  }

  private static long bytes(int width) {
    return (long) BATCH * width * Float.BYTES;
  }

  @Test
  void measure() throws Exception {
    for (Way way : WAYS) {
      beyondCompute(WIDTHS[1], way); // warms up
    }
    List<Double> seconds = new ArrayList<>();
    List<double[]> explained = new ArrayList<>();
    for (int width : WIDTHS) {
      for (Way way : WAYS) {
        seconds.add(beyondCompute(width, way));
        explained.add(
            new double[] {way.hops(), way.messages(), (double) way.messages() * bytes(width)});
      }
    }
    OLSMultipleLinearRegression regression = new OLSMultipleLinearRegression();
    regression.newSampleData(
        seconds.stream().mapToDouble(Double::doubleValue).toArray(),
        explained.toArray(double[][]::new));
    double[] found = regression.estimateRegressionParameters();
    double worst = Arrays.stream(regression.estimateResiduals()).map(Math::abs).max().orElse(0);
    LOG.info(
        String.format(
            Locale.ROOT,
            "step %.2e s, hop %.2e s, message %.2e s, %.2e s a byte; explains steps of %.2f to %.2f"
                + " ms beyond compute within %.2f ms",
            found[0],
            found[1],
            found[2],
            found[3],
            1e3 * seconds.stream().mapToDouble(s -> s).min().orElseThrow(),
            1e3 * seconds.stream().mapToDouble(s -> s).max().orElseThrow(),
            1e3 * worst));
    moves(found[1] + found[2]);
    assertThat(Arrays.stream(found).allMatch(Double::isFinite)).isTrue();
  }

  /** Median of what a step takes beyond compute, seconds. */
  private double beyondCompute(int width, Way way) throws Exception {
    try (Cluster cluster = start(width, way.placement())) {
      List<TrainingProgress.Step> steps = cluster.awaitSteps(WARM_STEPS + STEPS);
      DescriptiveStatistics seconds = new DescriptiveStatistics();
      steps.subList(WARM_STEPS, steps.size()).forEach(step -> seconds.addValue(step.seconds()));
      double beyond = seconds.getPercentile(50) - LAYERS * (FORWARD + BACKWARD);
      List<SegmentReport> warm =
          cluster.reports.stream().filter(report -> report.steps() > WARM_STEPS).toList();
      LOG.info(
          String.format(
              Locale.ROOT,
              "%s, %d bytes: %.3f ms beyond compute, its means over intervals vary by %.0f %%;"
                  + " compute by %.1f %%",
              way.placement().describe(),
              bytes(width),
              1e3 * beyond,
              100
                  * values(warm, ComponentId.JOB, Metric.STEP_SECONDS).getStandardDeviation()
                  / beyond,
              100
                  * values(warm, ComponentId.of(Cluster.DEVICE), Metric.SLOWDOWN)
                      .getStandardDeviation()));
      return beyond;
    }
  }

  private static DescriptiveStatistics values(
      List<SegmentReport> reports, ComponentId component, Metric metric) {
    DescriptiveStatistics values = new DescriptiveStatistics();
    reports.stream()
        .flatMap(report -> report.samples().stream())
        .filter(sample -> sample.component().equals(component) && sample.metric() == metric)
        .mapToDouble(MetricSample::value)
        .forEach(values::addValue);
    return values;
  }

  /** The fixed time of a move: its pause less one message of state. */
  private void moves(double messageSeconds) throws Exception {
    try (Cluster cluster = start(WIDTHS[0], SPREAD)) {
      cluster.awaitSteps(WARM_STEPS);
      DescriptiveStatistics pauses = new DescriptiveStatistics();
      for (int epoch = 0; epoch < MOVES; epoch++) {
        MoveResult result =
            cluster.move("m" + epoch, 1, epoch, epoch % 2 == 0 ? cuts(1, 1) : SPREAD);
        // rounded up to a millisecond
        pauses.addValue((result.pauseMillis() - 0.5) / 1e3 - messageSeconds);
      }
      LOG.info(
          String.format(
              Locale.ROOT,
              "a move takes %.1f ms (median), %.1f to %.1f ms",
              1e3 * pauses.getPercentile(50),
              1e3 * pauses.getMin(),
              1e3 * pauses.getMax()));
    }
  }

  private Cluster start(int width, Placement placement) throws Exception {
    Cluster.Setup toy =
        Cluster.Setup.toy(job(width), placement, width, List.of(), options -> options);
    return Cluster.start(
        data.resolve("run" + System.nanoTime()),
        new Cluster.Setup(
            toy.job(),
            toy.initial(),
            toy.optimiser(),
            MovePolicy.stopAndCopy(),
            toy.moveTimeout(),
            toy.computes(),
            toy.datasets(),
            toy.options()));
  }
}
