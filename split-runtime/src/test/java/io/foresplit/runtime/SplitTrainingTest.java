package io.foresplit.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.foresplit.contract.ActionId;
import io.foresplit.contract.ComponentId;
import io.foresplit.contract.JobId;
import io.foresplit.contract.Metric;
import io.foresplit.contract.MetricSample;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.Placement;
import io.foresplit.contract.SegmentReport;
import io.foresplit.contract.TrainingRuntime.MoveResult;
import io.foresplit.contract.TrainingRuntime.State;
import io.foresplit.runtime.fault.FaultKind;
import io.foresplit.runtime.fault.FaultSchedule;
import io.foresplit.runtime.fault.FaultSpec;
import io.foresplit.runtime.proto.Fence;
import io.foresplit.runtime.proto.HoldRequest;
import io.foresplit.runtime.proto.ResumeRequest;
import io.foresplit.runtime.proto.TrainingNodeGrpc;
import io.foresplit.runtime.security.GrpcSecurity;
import io.foresplit.runtime.tensor.Optimiser;
import io.grpc.ManagedChannel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class SplitTrainingTest {
  @TempDir Path data;

  @Test
  void movesChangeNoLossAndLoseNoStep() throws Exception {
    List<TrainingProgress.Step> log;
    try (Cluster cluster = Cluster.start(data.resolve("moved"))) {
      cluster.awaitSteps(20);
      // down the chain, over a node that holds nothing then, all to the owner, and out again
      List<Placement> targets =
          List.of(Cluster.cut(1, 2), Cluster.cut(1, 1), Cluster.cut(4, 4), Cluster.cut(1, 3));
      for (int epoch = 0; epoch < targets.size(); epoch++) {
        MoveResult result = cluster.move("a" + epoch, 1, epoch, targets.get(epoch));
        assertThat(result.state()).as(result.detail()).isEqualTo(State.COMMITTED);
        assertThat(result.epoch()).isEqualTo(epoch + 1);
        assertThat(result.movedBytes()).isPositive();
        assertThat(result.pauseMillis()).isBetween(1L, 5_000L);
        cluster.awaitSteps((int) cluster.runtime().progress(Cluster.JOB, 0).steps() + 10);
      }
      assertThat(cluster.runtime().topology(Cluster.JOB).placement()).isEqualTo(targets.get(3));
      log = cluster.awaitSteps((int) cluster.runtime().progress(Cluster.JOB, 0).steps() + 30);
      assertThat(cluster.announced).last().matches(topology -> topology.epoch() == 4);
    }
    int steps = log.size();
    List<Double> still;
    try (Cluster cluster = Cluster.start(data.resolve("still"))) {
      still = losses(cluster.awaitSteps(steps), steps);
    }
    assertThat(losses(log, steps)).isEqualTo(still);
    assertThat(log.stream().map(TrainingProgress.Step::number).toList())
        .isEqualTo(LongStream.range(0, steps).boxed().toList());
    assertThat(log.stream().map(TrainingProgress.Step::epoch).distinct())
        .containsExactly(0L, 1L, 2L, 3L, 4L);
    assertThat(still.stream().distinct())
        .as("what is trained matters")
        .hasSizeGreaterThan(steps / 2);
  }

  @Test
  void whatIsStaleIsRefusedAndWhatIsRepeatedHasNoSecondEffect() throws Exception {
    try (Cluster cluster = Cluster.start(data)) {
      cluster.awaitSteps(5);
      GrpcTrainingRuntime runtime = cluster.runtime();
      runtime.fence(Cluster.JOB, 7);

      MoveResult lowTerm = cluster.move("low", 6, 0, Cluster.cut(1, 3));
      MoveResult wrongEpoch = cluster.move("stale", 7, 1, Cluster.cut(1, 3));
      MoveResult privacy = cluster.move("private", 7, 0, Cluster.cut(0, 3));
      MoveResult labels = cluster.move("labels", 7, 0, Cluster.cut(2, 4));
      MoveResult same = cluster.move("same", 7, 0, Cluster.cut(2, 3));

      assertThat(List.of(lowTerm, wrongEpoch, privacy, labels, same))
          .allMatch(result -> result.state() == State.REFUSED && result.epoch() == 0);
      assertThat(lowTerm.detail()).isEqualTo("term 6 is below the highest one, 7");
      assertThat(wrongEpoch.detail()).isEqualTo("epoch 1 is not the one in force, 0");
      assertThat(privacy.detail()).contains("must stay on the data owner");
      assertThat(labels.detail()).contains("holds no labels");
      assertThat(runtime.status(Cluster.JOB, new ActionId("low"))).isEmpty();

      MoveResult done = cluster.move("good", 7, 0, Cluster.cut(1, 3));
      MoveResult again = cluster.move("good", 7, 0, Cluster.cut(1, 3));

      assertThat(done.state()).isEqualTo(State.COMMITTED);
      assertThat(again).isEqualTo(done);
      assertThat(runtime.status(Cluster.JOB, new ActionId("good"))).contains(done);
      assertThat(runtime.topology(Cluster.JOB).epoch()).isEqualTo(1);
      assertThatThrownBy(() -> runtime.fence(Cluster.JOB, 3))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("term 3 is fenced off, the highest one is 7");
      assertThatThrownBy(() -> runtime.topology(new JobId("other")))
          .hasMessageContaining("this coordinator has job toy, asked was 'other'");
    }
  }

  @Test
  void aTargetThatFindsTheStateWrongLeavesTheOldPlacement() throws Exception {
    int steps = 60;
    List<Double> still;
    try (Cluster cluster = Cluster.start(data.resolve("still"))) {
      still = losses(cluster.awaitSteps(steps), steps);
    }
    try (Cluster cluster =
        Cluster.start(data.resolve("wrong"), List.of(Cluster.EDGE), options -> options)) {
      cluster.awaitSteps(10);

      MoveResult result = cluster.move("a", 1, 0, Cluster.cut(1, 3));

      assertThat(result.state()).isEqualTo(State.ABORTED);
      assertThat(result.detail())
          .isEqualTo("while VERIFYING: node edge: layer 1 does not fit this node");
      assertThat(cluster.runtime().topology(Cluster.JOB).epoch()).isZero();
      assertThat(losses(cluster.awaitSteps(steps), steps)).isEqualTo(still);
      assertThat(cluster.move("b", 1, 0, Cluster.cut(2, 2)).state()).isEqualTo(State.COMMITTED);
    }
  }

  @Test
  void aCoordinatorThatComesBackRemembersAndTrainingGoesOn() throws Exception {
    try (Cluster cluster = Cluster.start(data)) {
      cluster.awaitSteps(5);
      MoveResult done = cluster.move("a", 4, 0, Cluster.cut(1, 2));

      cluster.restartCoordinator();

      GrpcTrainingRuntime runtime = cluster.runtime();
      assertThat(runtime.topology(Cluster.JOB).epoch()).isEqualTo(1);
      assertThat(runtime.topology(Cluster.JOB).placement()).isEqualTo(Cluster.cut(1, 2));
      assertThat(runtime.status(Cluster.JOB, new ActionId("a"))).contains(done);
      List<TrainingProgress.Step> log = cluster.awaitSteps(60);
      assertThat(log.stream().map(TrainingProgress.Step::number).limit(60).toList())
          .isEqualTo(LongStream.range(0, 60).boxed().toList());
      assertThat(cluster.move("b", 3, 1, Cluster.cut(2, 3)).state()).isEqualTo(State.REFUSED);
      MoveResult next = cluster.move("c", 4, 1, Cluster.cut(2, 3));
      assertThat(next.state()).as(next.detail()).isEqualTo(State.COMMITTED);
    }
  }

  @Test
  void whatAnEarlierCoordinatorSaidComesTooLate() throws Exception {
    try (Cluster cluster = Cluster.start(data)) {
      cluster.awaitSteps(5);
      MoveResult done = cluster.move("a", 4, 0, Cluster.cut(1, 2));
      assertThat(done.state()).as(done.detail()).isEqualTo(State.COMMITTED);
      cluster.restartCoordinator();
      MoveResult next = cluster.move("b", 4, 1, Cluster.cut(2, 3));
      assertThat(next.state()).as(next.detail()).isEqualTo(State.COMMITTED);
      ManagedChannel channel =
          Rpc.connect(cluster.address(Cluster.DEVICE), 1 << 20, GrpcSecurity.plaintext(), "device");
      try {
        TrainingNodeGrpc.TrainingNodeBlockingStub device =
            TrainingNodeGrpc.newBlockingStub(channel);
        Fence before = Fence.newBuilder().setLife(1).setTerm(4).build();
        Fence now = Fence.newBuilder().setLife(2).setTerm(4).build();

        assertThatThrownBy(
                () -> device.hold(HoldRequest.newBuilder().setAction("x").setFence(before).build()))
            .hasMessageContaining("obeys life 2 of the coordinator");
        assertThatThrownBy(
                () -> device.hold(HoldRequest.newBuilder().setAction("a").setFence(now).build()))
            .hasMessageContaining("action a is over on node device");
        assertThatThrownBy(
                () ->
                    device.resume(
                        ResumeRequest.newBuilder()
                            .setAction("a")
                            .setEpoch(0)
                            .setFence(now)
                            .build()))
            .hasMessageContaining("node device is at epoch 2, the command was for 0");
        assertThatThrownBy(
                () ->
                    device.resume(
                        ResumeRequest.newBuilder()
                            .setAction("a")
                            .setEpoch(2)
                            .setFence(now)
                            .build()))
            .hasMessageContaining("not for 'a'");
        assertThatThrownBy(
                () ->
                    device.hold(
                        HoldRequest.newBuilder()
                            .setAction("coordinator-start-2-1")
                            .setFence(now)
                            .build()))
            .hasMessageContaining("steps have gone on already");
      } finally {
        Rpc.close(channel);
      }
      int steps = (int) cluster.runtime().progress(Cluster.JOB, 0).steps();
      assertThat(cluster.awaitSteps(steps + 10)).isNotEmpty();
    }
  }

  @Test
  void reportsTellConditionsWithoutBias() throws Exception {
    Path file = data.resolve("fault.json");
    FaultSchedule.of(
            new FaultSpec(FaultKind.NODE_SLOWDOWN, ComponentId.of(Cluster.EDGE), 0, 0, 3, 1))
        .write(file);
    try (Cluster cluster =
        Cluster.start(
            data.resolve("job"),
            List.of(),
            options ->
                options.node().equals(Cluster.EDGE)
                    ? options.withFaults(Optional.of(file))
                    : options)) {
      cluster.awaitSteps(200);
      List<SegmentReport> reports = List.copyOf(cluster.reports);

      // a busy machine slows single reports more
      assertThat(median(reports, Cluster.EDGE, "edge", Metric.SLOWDOWN)).isCloseTo(3, within(0.3));
      assertThat(mean(reports, Cluster.DEVICE, "device->edge", Metric.LINK_RATE))
          .isCloseTo(1e6, within(1e4));
      assertThat(mean(reports, Cluster.CLOUD, "cloud->edge", Metric.LINK_RATE))
          .isCloseTo(4e6, within(4e4));
      assertThat(mean(reports, Cluster.EDGE, "edge->cloud", Metric.LINK_DELAY_SECONDS))
          .isCloseTo(0.001, within(1e-5));
      assertThat(mean(reports, Cluster.DEVICE, "job", Metric.STEP_SECONDS)).isPositive();
      assertThat(mean(reports, Cluster.CLOUD, "job", Metric.LOSS)).isPositive();
      assertThat(reports).allMatch(r -> r.samples().stream().allMatch(SplitTrainingTest::valid));

      // a node without layers still tells its slowdown, idle links their rate
      MoveResult moved = cluster.move("all", 1, 0, Cluster.cut(4, 4));
      assertThat(moved.state()).isEqualTo(State.COMMITTED);
      cluster.awaitSteps((int) cluster.runtime().progress(Cluster.JOB, 0).steps() + 150);
      List<SegmentReport> later =
          cluster.reports.stream().filter(r -> r.epoch() == 1 && r.firstLayer() < 0).toList();
      assertThat(median(later.subList(2, later.size()), Cluster.EDGE, "edge", Metric.SLOWDOWN))
          .isCloseTo(3, within(0.3));
      assertThat(mean(later, Cluster.EDGE, "edge->cloud", Metric.LINK_RATE))
          .isCloseTo(4e6, within(4e4));
    }
  }

  @Test
  void shutdownEndsEveryProcess() throws Exception {
    Cluster cluster = Cluster.start(data);
    cluster.awaitSteps(3);

    cluster.runtime().shutdown(Cluster.JOB);

    cluster.awaitNodes();
    assertThatThrownBy(() -> cluster.runtime().topology(Cluster.JOB))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("cannot be reached (start it, or correct the address)");
    cluster.close();
  }

  @Test
  void optimisersSurviveTheWire() {
    List<Optimiser> all =
        List.of(new Optimiser.SgdMomentum(0.1, 0.9), new Optimiser.Adam(1e-3, 0.9, 0.999, 1e-8));
    assertThat(all.stream().map(Optimisers::encode).map(Optimisers::decode).toList())
        .isEqualTo(all);
  }

  private static boolean valid(MetricSample sample) {
    return sample.metric().accepts(sample.value());
  }

  private static double mean(
      List<SegmentReport> reports, NodeId node, String component, Metric metric) {
    return Arrays.stream(values(reports, node, component, metric)).average().getAsDouble();
  }

  private static double median(
      List<SegmentReport> reports, NodeId node, String component, Metric metric) {
    double[] sorted = Arrays.stream(values(reports, node, component, metric)).sorted().toArray();
    return sorted[sorted.length / 2];
  }

  private static double[] values(
      List<SegmentReport> reports, NodeId node, String component, Metric metric) {
    double[] values =
        reports.stream()
            .filter(report -> report.node().equals(node))
            .flatMap(report -> report.samples().stream())
            .filter(
                sample ->
                    sample.metric() == metric
                        && sample.component().equals(new ComponentId(component)))
            .mapToDouble(MetricSample::value)
            .toArray();
    assertThat(values).as(component + " " + metric).isNotEmpty();
    return values;
  }

  private static List<Double> losses(List<TrainingProgress.Step> log, int steps) {
    double[] losses = log.stream().limit(steps).mapToDouble(TrainingProgress.Step::loss).toArray();
    return Arrays.stream(losses).boxed().toList();
  }
}
