package io.foresplit.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.foresplit.contract.ActionId;
import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Compression;
import io.foresplit.contract.Metric;
import io.foresplit.contract.MetricSample;
import io.foresplit.contract.TrainingRuntime.MoveResult;
import io.foresplit.contract.TrainingRuntime.State;
import io.foresplit.contract.jobfile.LinkDisturbance;
import io.foresplit.runtime.link.DisturbedTrace;
import io.foresplit.runtime.link.RateTrace;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class CompressedTrainingTest {
  private static final Optional<Compression> HALF = Optional.of(new Compression(0.5, 4));
  private static final ComponentId NEAR = ComponentId.link(Cluster.DEVICE, Cluster.EDGE);

  @TempDir Path data;

  @Test
  void compressionChangesAtAStepBoundaryAndNoStepIsLost() throws Exception {
    try (Cluster cluster = Cluster.start(data)) {
      cluster.awaitSteps(10);

      MoveResult on = set(cluster, "on", 1, 0, HALF);

      assertThat(on.state()).as(on.detail()).isEqualTo(State.COMMITTED);
      assertThat(on.epoch()).isZero();
      assertThat(on.detail()).matches("from step \\d+: \\{device->edge=keep 0.5, 4 bits}");
      assertThat(cluster.runtime().compressions(Cluster.JOB).links())
          .isEqualTo(Map.of(NEAR, HALF.get()));
      int steps = steps(cluster) + 30;
      List<TrainingProgress.Step> log = cluster.awaitSteps(steps);
      assertThat(log.stream().map(TrainingProgress.Step::number).toList())
          .isEqualTo(LongStream.range(0, log.size()).boxed().toList());
      assertThat(log).allMatch(step -> Double.isFinite(step.loss()) && step.epoch() == 0);

      MoveResult moved = cluster.move("move", 1, 0, Cluster.cut(1, 1));
      assertThat(moved.state()).as(moved.detail()).isEqualTo(State.COMMITTED);
      cluster.awaitSteps(steps(cluster) + 10);
      MoveResult off = set(cluster, "off", 1, 1, Optional.empty());
      assertThat(off.state()).as(off.detail()).isEqualTo(State.COMMITTED);
      assertThat(off.epoch()).isEqualTo(1);
      cluster.awaitSteps(steps(cluster) + 10);
      assertThat(cluster.runtime().compressions(Cluster.JOB).links()).isEmpty();
    }
  }

  @Test
  void aRunWithCompressionRepeatsUntilTheChangeAndDiffersAfter() throws Exception {
    List<Double> plain;
    try (Cluster cluster = Cluster.start(data.resolve("plain"))) {
      plain = losses(cluster.awaitSteps(60));
    }
    try (Cluster cluster = Cluster.start(data.resolve("compressed"))) {
      cluster.awaitSteps(5);
      MoveResult on = set(cluster, "on", 1, 0, HALF);
      int from = Integer.parseInt(on.detail().replaceAll("from step (\\d+):.*", "$1"));
      List<Double> compressed = losses(cluster.awaitSteps(Math.max(60, from + 10)));

      int same = Math.min(from, plain.size());
      assertThat(compressed.subList(0, same)).isEqualTo(plain.subList(0, same));
      assertThat(compressed.subList(same, 60)).doesNotContainAnyElementsOf(plain.subList(same, 60));
    }
  }

  @Test
  void whatIsStaleIsRefusedAndWhatIsRepeatedHasNoSecondEffect() throws Exception {
    try (Cluster cluster = Cluster.start(data)) {
      cluster.awaitSteps(5);
      cluster.runtime().fence(Cluster.JOB, 7);

      assertThat(set(cluster, "low", 6, 0, HALF).detail())
          .isEqualTo("term 6 is below the highest one, 7");
      assertThat(set(cluster, "stale", 7, 1, HALF).detail())
          .isEqualTo("epoch 1 is not the one in force, 0");
      assertThat(set(cluster, "same", 7, 0, Optional.empty()).detail())
          .isEqualTo("link device->edge has this compression already");
      assertThatThrownBy(
              () ->
                  cluster
                      .runtime()
                      .setCompression(
                          Cluster.JOB,
                          new ActionId("far"),
                          7,
                          0,
                          Cluster.DEVICE,
                          Cluster.CLOUD,
                          HALF))
          .hasMessageContaining("compression is of a link between neighbours of the chain");

      MoveResult first = set(cluster, "a", 7, 0, HALF);
      MoveResult off = set(cluster, "b", 7, 0, Optional.empty());
      MoveResult late = set(cluster, "a", 7, 0, HALF);
      assertThat(first.state()).isEqualTo(State.COMMITTED);
      assertThat(off.state()).isEqualTo(State.COMMITTED);
      assertThat(late).isEqualTo(first);
      assertThat(cluster.runtime().compressions(Cluster.JOB).links()).isEmpty();
      assertThat(cluster.runtime().compressions(Cluster.JOB).revision()).isEqualTo(2);

      MoveResult last = set(cluster, "c", 7, 0, HALF);
      cluster.restartCoordinator();
      assertThat(cluster.runtime().compressions(Cluster.JOB).links())
          .isEqualTo(Map.of(NEAR, HALF.get()));
      assertThat(set(cluster, "c", 7, 0, HALF)).isEqualTo(last);
      cluster.awaitSteps(30);
      assertThat(set(cluster, "d", 6, 0, Optional.empty()).state()).isEqualTo(State.REFUSED);
    }
  }

  @Test
  void aLinkThatLosesTellsTheRateThatGetsThroughAndAllSteps() throws Exception {
    try (Cluster cluster =
        Cluster.start(
            data,
            List.of(),
            options ->
                options.withTraces(
                    job ->
                        Map.of(
                            NEAR,
                            new DisturbedTrace(
                                RateTrace.constant(1e6), new LinkDisturbance(0.0002, 0.05)))))) {
      List<TrainingProgress.Step> log = cluster.awaitSteps(60);

      assertThat(log.stream().map(TrainingProgress.Step::number).limit(60).toList())
          .isEqualTo(LongStream.range(0, 60).boxed().toList());
      assertThat(mean(cluster, Metric.LINK_RATE)).isBetween(0.7e6, 0.999e6);
      assertThat(mean(cluster, Metric.LINK_DELAY_SECONDS)).isGreaterThan(0.0004);
    }
  }

  private static double mean(Cluster cluster, Metric metric) {
    return cluster.reports.stream()
        .flatMap(report -> report.samples().stream())
        .filter(sample -> sample.metric() == metric && sample.component().equals(NEAR))
        .mapToDouble(MetricSample::value)
        .average()
        .orElseThrow();
  }

  private static MoveResult set(
      Cluster cluster, String action, long term, long epoch, Optional<Compression> compression)
      throws Exception {
    return cluster
        .runtime()
        .setCompression(
            Cluster.JOB,
            new ActionId(action),
            term,
            epoch,
            Cluster.EDGE,
            Cluster.DEVICE,
            compression);
  }

  private static int steps(Cluster cluster) throws Exception {
    return (int) cluster.runtime().progress(Cluster.JOB, 0).steps();
  }

  private static List<Double> losses(List<TrainingProgress.Step> log) {
    return log.stream().map(TrainingProgress.Step::loss).toList();
  }
}
