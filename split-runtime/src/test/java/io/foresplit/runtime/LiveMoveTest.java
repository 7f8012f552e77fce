package io.foresplit.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.foresplit.contract.JobSpec;
import io.foresplit.contract.LinkSpec;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.Placement;
import io.foresplit.contract.TrainingRuntime.MoveResult;
import io.foresplit.contract.TrainingRuntime.State;
import io.foresplit.runtime.coordinator.MovePolicy;
import io.foresplit.runtime.node.NodeEnvironment;
import io.foresplit.runtime.node.ScalingCompute;
import io.foresplit.runtime.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Layers that are copied while training goes on, over real gRPC. */
@Timeout(120)
class LiveMoveTest {
  /** So heavy by declaration that a pre-copy pays. */
  private static final long PARAMETER_BYTES = 200_000;

  private static final int WIDTH = 8;

  @TempDir Path data;

  @Test
  void layersMoveWhileTrainingGoesOnAndNoLossChanges() throws Exception {
    // part of a segment, several shifts at once, up the chain, past a node, all and back
    List<Placement> targets =
        List.of(
            Cluster.cut(1, 3),
            Cluster.cut(2, 2),
            Cluster.cut(1, 1),
            Cluster.cut(4, 4),
            Cluster.cut(1, 2));
    List<TrainingProgress.Step> log;
    try (Cluster cluster = Cluster.start(data.resolve("moved"), setup((node, what) -> {}))) {
      cluster.awaitSteps(20);
      for (int epoch = 0; epoch < targets.size(); epoch++) {
        MoveResult result = cluster.move("a" + epoch, 1, epoch, targets.get(epoch));
        assertThat(result.state()).as(result.detail()).isEqualTo(State.COMMITTED);
        assertThat(result.detail())
            .contains("pre-copied")
            .contains("steps replayed")
            .doesNotContain("stopped");
        assertThat(result.durationMillis()).isGreaterThanOrEqualTo(result.pauseMillis());
        assertThat(result.movedBytes()).isPositive();
        cluster.awaitSteps(steps(cluster) + 10);
      }
      log = cluster.awaitSteps(steps(cluster) + 20);
    }
    assertSameAsWithoutMoves(log);
  }

  @Test
  void aReplayThatDiffersFallsBackToStopAndCopy() throws Exception {
    Function<NodeId, NodeEnvironment.Computes> computes =
        node -> (job, optimiser, seed) -> new WrongReplay();
    try (Cluster cluster = Cluster.start(data.resolve("moved"), setup(computes))) {
      cluster.awaitSteps(10);

      MoveResult result = cluster.move("a", 1, 0, Cluster.cut(1, 3));

      assertThat(result.state()).as(result.detail()).isEqualTo(State.COMMITTED);
      assertThat(result.detail())
          .endsWith(
              "device->edge[1] stopped and copied: what was replayed differs from the source");
      assertSameAsWithoutMoves(cluster.awaitSteps(steps(cluster) + 20));
    }
  }

  /** Replays with a little more gradient than there was. */
  private static final class WrongReplay extends ScalingCompute {
    WrongReplay() {
      super(WIDTH, true);
    }

    @Override
    protected Tensor replayed(Tensor gradient) {
      float[] more = gradient.data().clone();
      more[0] += 1;
      return new Tensor(more, gradient.shape());
    }
  }

  @Test
  void aTargetThatCannotTakeTheLayersLeavesTheOldPlacement() throws Exception {
    Function<NodeId, NodeEnvironment.Computes> computes =
        node -> (job, optimiser, seed) -> new ScalingCompute(WIDTH, !node.equals(Cluster.EDGE));
    try (Cluster cluster = Cluster.start(data.resolve("moved"), setup(computes))) {
      cluster.awaitSteps(10);

      MoveResult result = cluster.move("a", 1, 0, Cluster.cut(1, 3));

      assertThat(result.state()).isEqualTo(State.ABORTED);
      assertThat(result.detail())
          .isEqualTo("while VERIFYING: node edge: layer 1 does not fit this node");
      assertSameAsWithoutMoves(cluster.awaitSteps(steps(cluster) + 20));
    }
  }

  /** The coordinator is killed while the target is about to do something of the move. */
  @ParameterizedTest
  @ValueSource(strings = {"replica", "replay", "adopt"})
  void aCoordinatorThatIsKilledWithinAMoveLeavesOneOfTheTwoPlacements(String at) throws Exception {
    CountDownLatch reached = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    Cluster.Setup setup =
        setup(
            (node, what) -> {
              if (node.equals(Cluster.EDGE) && what.equals(at) && goOn.getCount() > 0) {
                reached.countDown();
                await(goOn);
              }
            });
    try (Cluster cluster = Cluster.start(data.resolve("moved"), setup)) {
      cluster.awaitSteps(10);
      CompletableFuture<Boolean> asked =
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  return cluster.move("a", 1, 0, Cluster.cut(1, 3)).epoch() > 0;
                } catch (IOException e) {
                  return false;
                }
              });
      await(reached);
      int port = cluster.killCoordinator();
      goOn.countDown();
      asked.get(30, TimeUnit.SECONDS);
      cluster.startCoordinator(port);

      List<TrainingProgress.Step> log = cluster.awaitSteps(60);
      boolean committed = at.equals("adopt");
      assertThat(cluster.runtime().topology(Cluster.JOB).epoch()).isEqualTo(committed ? 1 : 0);
      assertThat(cluster.runtime().topology(Cluster.JOB).placement())
          .isEqualTo(committed ? Cluster.cut(1, 3) : Cluster.cut(2, 3));
      assertThat(cluster.move("a", 1, 0, Cluster.cut(1, 3)).state())
          .isEqualTo(committed ? State.COMMITTED : State.ABORTED);
      MoveResult next = cluster.move("b", 1, committed ? 1 : 0, Cluster.cut(1, 2));
      assertThat(next.state()).as(next.detail()).isEqualTo(State.COMMITTED);
      assertThat(log).isNotEmpty();
      assertSameAsWithoutMoves(cluster.awaitSteps(steps(cluster) + 20));
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static int steps(Cluster cluster) throws IOException {
    return (int) cluster.runtime().progress(Cluster.JOB, 0).steps();
  }

  private void assertSameAsWithoutMoves(List<TrainingProgress.Step> log) throws Exception {
    assertThat(log.stream().map(TrainingProgress.Step::number).toList())
        .isEqualTo(LongStream.range(0, log.size()).boxed().toList());
    try (Cluster still = Cluster.start(data.resolve("still"), setup((node, what) -> {}))) {
      assertThat(log.stream().map(TrainingProgress.Step::loss).toList())
          .isEqualTo(
              still.awaitSteps(log.size()).stream()
                  .limit(log.size())
                  .map(TrainingProgress.Step::loss)
                  .toList());
    }
  }

  private static Cluster.Setup setup(BiConsumer<NodeId, String> before) {
    return setup(
        node ->
            (job, optimiser, seed) ->
                new ScalingCompute(WIDTH, true) {
                  @Override
                  protected void before(String what) {
                    before.accept(node, what);
                  }
                });
  }

  private static Cluster.Setup setup(Function<NodeId, NodeEnvironment.Computes> computes) {
    Cluster.Setup toy = Cluster.Setup.toy(List.of(), options -> options);
    return new Cluster.Setup(
        slowly(Cluster.job(PARAMETER_BYTES)),
        toy.initial(),
        toy.optimiser(),
        MovePolicy.standard(),
        toy.moveTimeout(),
        computes,
        toy.datasets(),
        toy.options());
  }

  /** Links so slow that every node has time for replay, however fast the machine is. */
  private static JobSpec slowly(JobSpec job) {
    return new JobSpec(
        job.id(),
        job.model(),
        job.batchSize(),
        job.interval(),
        job.layers(),
        job.nodes(),
        job.links().stream()
            .map(link -> new LinkSpec(link.from(), link.to(), link.bytesPerSecond(), 0.005))
            .toList(),
        job.dataOwner(),
        job.labelHolders(),
        job.minOwnerLayers(),
        job.objectives());
  }
}
