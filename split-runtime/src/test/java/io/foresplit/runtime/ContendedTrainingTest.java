package io.foresplit.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Metric;
import io.foresplit.contract.MetricSample;
import io.foresplit.contract.SegmentReport;
import io.foresplit.runtime.fault.FaultKind;
import io.foresplit.runtime.fault.FaultSchedule;
import io.foresplit.runtime.fault.FaultSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node whose compute other threads really compete with. */
class ContendedTrainingTest {
  private static final double ONSET_SECONDS = 2.5;
  private static final double END_SECONDS = 6;

  @TempDir Path data;

  @Test
  void theNodeItselfMeasuresThatItIsSlow() throws Exception {
    Path file = data.resolve("fault.json");
    FaultSchedule.of(
            new FaultSpec(
                FaultKind.CONTENTION, ComponentId.of(Cluster.EDGE), ONSET_SECONDS, 0, 5, 1))
        .write(file);
    try (Cluster cluster =
        Cluster.start(
            data.resolve("job"),
            List.of(),
            options ->
                options.node().equals(Cluster.EDGE)
                    ? options.withFaults(Optional.of(file))
                    : options)) {
      cluster.awaitSteps(1);
      long giveUp = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
      while (edge(cluster).stream().noneMatch(r -> seconds(cluster, r) > END_SECONDS)) {
        assertThat(System.nanoTime()).as("reports in time").isLessThan(giveUp);
        boolean unused = new CountDownLatch(1).await(20, TimeUnit.MILLISECONDS);
      }
      double before = slowdown(cluster, t -> t > 0.5 && t < ONSET_SECONDS);
      double after = slowdown(cluster, t -> t > ONSET_SECONDS + 0.5);
      System.out.printf("measured slowdown %.2f before, %.2f under contention%n", before, after);
      assertThat(after).isGreaterThan(1.4 * before);
    }
  }

  private static List<SegmentReport> edge(Cluster cluster) {
    return cluster.reports.stream().filter(r -> r.node().equals(Cluster.EDGE)).toList();
  }

  private static double seconds(Cluster cluster, SegmentReport report) {
    return (report.interval() - edge(cluster).get(0).interval())
        * Cluster.job().interval().toMillis()
        / 1e3;
  }

  private static double slowdown(Cluster cluster, Predicate<Double> when) {
    return edge(cluster).stream()
        .filter(report -> when.test(seconds(cluster, report)))
        .flatMap(report -> report.samples().stream())
        .filter(sample -> sample.metric() == Metric.SLOWDOWN)
        .mapToDouble(MetricSample::value)
        .average()
        .orElseThrow();
  }
}
