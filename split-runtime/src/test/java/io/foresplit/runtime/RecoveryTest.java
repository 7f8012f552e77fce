package io.foresplit.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.foresplit.contract.JobSpec;
import io.foresplit.contract.LinkSpec;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.Placement;
import io.foresplit.contract.ReplicationSpec;
import io.foresplit.contract.TrainingRuntime.MoveResult;
import io.foresplit.contract.TrainingRuntime.State;
import io.foresplit.runtime.plan.CutPlanner;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Nodes that die, over real gRPC: training goes on, and every loss is as if none had died. */
@Timeout(180)
class RecoveryTest {
  private static final int MOST_LOST = 40;
  private static final Duration HEARTBEAT = Duration.ofMillis(300);

  @TempDir Path data;

  @Test
  void whenTheMiddleDiesALinkAroundItIsUsed() throws Exception {
    List<TrainingProgress.Step> log;
    try (Cluster cluster = start("killed", ReplicationSpec.toNeighbours(MOST_LOST), true)) {
      cluster.awaitSteps(100);

      cluster.kill(Cluster.EDGE);
      TrainingProgress.Recovery recovery = recovered(cluster, 1);

      assertThat(recovery.silentSeconds()).isGreaterThanOrEqualTo(0.9);
      assertThat(recovery.seconds()).isLessThan(5);
      assertThat(recovery.lost()).isLessThanOrEqualTo(MOST_LOST);
      assertThat(cluster.runtime().topology(Cluster.JOB).placement().describe())
          .isEqualTo("device[0] cloud[1-3]");
      assertThat(cluster.announced).last().matches(topology -> topology.epoch() == 1);
      assertThat(cluster.runtime().progress(Cluster.JOB, 0).registered())
          .containsExactly("cloud", "device");
      log = cluster.awaitSteps((int) recovery.step() + 100);
    }
    assertSameAsUndisturbed(log);
  }

  @Test
  void whenTheMiddleDiesAndNoLinkGoesAroundItTheOwnerGoesOnAlone() throws Exception {
    List<TrainingProgress.Step> log;
    try (Cluster cluster = start("killed", ReplicationSpec.toNeighbours(MOST_LOST), false)) {
      cluster.awaitSteps(100);

      cluster.kill(Cluster.EDGE);
      TrainingProgress.Recovery recovery = recovered(cluster, 1);

      assertThat(recovery.lost()).isLessThanOrEqualTo(MOST_LOST);
      assertThat(cluster.runtime().topology(Cluster.JOB).placement()).isEqualTo(Cluster.cut(4, 4));
      log = cluster.awaitSteps((int) recovery.step() + 100);
    }
    assertSameAsUndisturbed(log);
  }

  @Test
  void aNodeThatComesBackIsEmptyAndAMoveMayUseIt() throws Exception {
    List<TrainingProgress.Step> log;
    try (Cluster cluster = start("killed", ReplicationSpec.toNeighbours(MOST_LOST), false)) {
      cluster.awaitSteps(100);
      cluster.kill(Cluster.CLOUD);
      TrainingProgress.Recovery first = recovered(cluster, 1);
      assertThat(cluster.move("early", 1, 1, Cluster.cut(1, 2)).detail())
          .isEqualTo("node cloud is dead");
      cluster.awaitSteps((int) first.step() + 50);

      cluster.startNode(Cluster.CLOUD);
      cluster.await(progress -> progress.registered().size() == 3);
      MoveResult moved = movedOnce(cluster, 1);

      assertThat(moved.state()).as(moved.detail()).isEqualTo(State.COMMITTED);
      int steps = (int) cluster.runtime().progress(Cluster.JOB, 0).steps();
      cluster.awaitSteps(steps + 100);
      // what the move brought out is replicated again
      cluster.kill(Cluster.EDGE);
      TrainingProgress.Recovery second = recovered(cluster, 2);
      assertThat(second.lost()).isLessThanOrEqualTo(MOST_LOST);
      log = cluster.awaitSteps((int) second.step() + 50);
    }
    assertSameAsUndisturbed(log);
  }

  @Test
  void aNodeThatComesBackGetsLayersAgainWhereTheJobAsksForIt() throws Exception {
    List<TrainingProgress.Step> log;
    ReplicationSpec spec = ReplicationSpec.toNeighbours(MOST_LOST).rebalancing();
    Placement best = new CutPlanner().best(Cluster.job(), Cluster.job().declaredConditions());
    NodeId used = best.nodeOfLayer().get(best.nodeOfLayer().size() - 1);
    assertThat(used).as(best.describe()).isNotEqualTo(Cluster.DEVICE);
    try (Cluster cluster = start("killed", spec, false)) {
      cluster.awaitSteps(60);
      cluster.kill(used);
      TrainingProgress.Recovery recovery = recovered(cluster, 1);
      assertThat(recovery.lost()).isLessThanOrEqualTo(MOST_LOST);

      cluster.startNode(used);

      cluster.await(progress -> progress.epoch() == 2 && progress.status().isEmpty());
      assertThat(cluster.runtime().topology(Cluster.JOB).placement()).isEqualTo(best);
      int steps = (int) cluster.runtime().progress(Cluster.JOB, 0).steps();
      log = cluster.awaitSteps(steps + 50);
    }
    assertSameAsUndisturbed(log);
  }

  @Test
  void twoNodesMayDieAtOnce() throws Exception {
    List<TrainingProgress.Step> log;
    try (Cluster cluster = start("killed", ReplicationSpec.toNeighbours(MOST_LOST), false)) {
      cluster.awaitSteps(100);

      cluster.kill(Cluster.EDGE);
      cluster.kill(Cluster.CLOUD);
      TrainingProgress progress =
          cluster.await(
              p ->
                  !p.recoveries().isEmpty()
                      && p.status().isEmpty()
                      && p.registered().equals(List.of("device")));

      log = cluster.awaitSteps((int) progress.steps() + 100);
    }
    assertSameAsUndisturbed(log);
  }

  @Test
  void withoutTheDataOwnerTrainingWaitsAndThenGoesOn() throws Exception {
    ReplicationSpec spec =
        new ReplicationSpec(MOST_LOST, true, Optional.empty(), List.of(Cluster.EDGE), false);
    List<TrainingProgress.Step> log;
    TrainingProgress.Recovery recovery;
    try (Cluster cluster = start("killed", spec, false)) {
      cluster.awaitSteps(100);

      cluster.kill(Cluster.DEVICE);
      cluster.await(progress -> progress.status().equals("waiting for data owner device"));
      assertThat(cluster.move("early", 1, 0, Cluster.cut(1, 3)).detail())
          .isEqualTo("training is waiting for data owner device");
      cluster.startNode(Cluster.DEVICE);
      recovery = recovered(cluster, 1);

      assertThat(recovery.lost()).isLessThanOrEqualTo(MOST_LOST);
      log = cluster.awaitSteps((int) recovery.step() + 100);
    }
    assertSameAsUndisturbed(log, recovery.step());
  }

  @Test
  void layersOfADataOwnerThatMayNotBeReplicatedAreNotAndTrainingWaits() throws Exception {
    try (Cluster cluster = start("killed", ReplicationSpec.toNeighbours(MOST_LOST), false)) {
      cluster.awaitSteps(100);

      cluster.kill(Cluster.DEVICE);
      cluster.await(progress -> progress.status().equals("waiting for data owner device"));
      cluster.startNode(Cluster.DEVICE);

      cluster.await(
          progress -> progress.status().startsWith("waiting for a replica of layers [0]"));
    }
  }

  @Test
  void layersComeBackFromFilesAlsoWhenAllProcessesHaveEnded() throws Exception {
    Path files = data.resolve("files");
    ReplicationSpec spec =
        new ReplicationSpec(MOST_LOST, false, Optional.of(files.toString()), List.of(), true);
    List<TrainingProgress.Step> log;
    try (Cluster cluster = start("killed", spec, false)) {
      cluster.awaitSteps(100);
      cluster.await(p -> cluster.filed(files.resolve("toy")) > 40);
      int port = cluster.killCoordinator();
      Cluster.CHAIN.forEach(cluster::kill);

      cluster.startCoordinator(port);
      for (NodeId node : Cluster.CHAIN) {
        cluster.startNode(node);
      }
      TrainingProgress.Recovery recovery = recovered(cluster, 1);

      assertThat(recovery.step()).isGreaterThan(40);
      log = cluster.await(p -> p.steps() > recovery.step() + 50).log();
      assertThat(log.get(0).number()).isEqualTo(recovery.step());
    }
    assertSameAsUndisturbed(log);
  }

  @Test
  void aProcessThatWasDeclaredDeadEndsWhenItSpeaksAgain() throws Exception {
    List<TrainingProgress.Step> log;
    try (Cluster cluster = start("killed", ReplicationSpec.toNeighbours(MOST_LOST), true)) {
      cluster.awaitSteps(100);

      cluster.silence(Cluster.EDGE); // it trains on, but says nothing
      TrainingProgress.Recovery recovery = recovered(cluster, 1);
      log = cluster.awaitSteps((int) recovery.step() + 100);

      assertThat(cluster.endOf(Cluster.EDGE))
          .hasMessageContaining("declared dead, training goes on without it; start it anew");
    }
    assertSameAsUndisturbed(log);
  }

  @Test
  void aCoordinatorThatIsKilledBesidesFindsTheDeadNodeAndGoesOn() throws Exception {
    List<TrainingProgress.Step> log;
    try (Cluster cluster = start("killed", ReplicationSpec.toNeighbours(MOST_LOST), false)) {
      cluster.awaitSteps(100);

      cluster.kill(Cluster.EDGE);
      cluster.restartCoordinator();
      TrainingProgress.Recovery recovery = recovered(cluster, 1);

      log = cluster.awaitSteps((int) recovery.step() + 100);
    }
    assertSameAsUndisturbed(log);
  }

  @Test
  void aCoordinatorThatIsKilledWhileTrainingWaitsGoesOnWaiting() throws Exception {
    ReplicationSpec spec =
        new ReplicationSpec(MOST_LOST, true, Optional.empty(), List.of(Cluster.EDGE), false);
    List<TrainingProgress.Step> log;
    try (Cluster cluster = start("killed", spec, false)) {
      cluster.awaitSteps(100);
      cluster.kill(Cluster.DEVICE);
      cluster.await(progress -> progress.status().equals("waiting for data owner device"));

      cluster.restartCoordinator();
      cluster.await(progress -> progress.status().equals("waiting for data owner device"));
      cluster.startNode(Cluster.DEVICE);
      TrainingProgress.Recovery recovery = recovered(cluster, 1);

      log = cluster.await(p -> p.steps() > recovery.step() + 50).log();
      assertThat(log.get(0).number()).isEqualTo(recovery.step());
    }
    assertSameAsUndisturbed(log);
  }

  @Test
  void aMoveThatMeetsADeathEndsAndTrainingGoesOn() throws Exception {
    List<TrainingProgress.Step> log;
    try (Cluster cluster = start("killed", ReplicationSpec.toNeighbours(MOST_LOST), false)) {
      cluster.awaitSteps(100);
      CompletableFuture<MoveResult> move =
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  return cluster.move("a", 1, 0, Cluster.cut(1, 2));
                } catch (IOException e) {
                  throw new AssertionError(e);
                }
              });

      cluster.kill(Cluster.CLOUD);
      TrainingProgress.Recovery recovery = recovered(cluster, 1);

      assertThat(move.get().state()).isIn(State.ABORTED, State.COMMITTED);
      log = cluster.awaitSteps((int) recovery.step() + 100);
    }
    assertSameAsUndisturbed(log);
  }

  /** A node that has come back is let in within moments; until then a move is refused. */
  private static MoveResult movedOnce(Cluster cluster, long epoch) throws IOException {
    MoveResult result;
    long giveUp = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    do {
      result = cluster.move("back", 1, epoch, Cluster.cut(1, 3));
    } while (result.state() == State.REFUSED && System.nanoTime() < giveUp);
    return result;
  }

  private static TrainingProgress.Recovery recovered(Cluster cluster, int recoveries)
      throws IOException, InterruptedException {
    return cluster
        .await(p -> p.recoveries().size() >= recoveries && p.status().isEmpty())
        .recoveries()
        .get(recoveries - 1);
  }

  /** Each step once, and each loss as without any death; steps may be missing from the start. */
  private void assertSameAsUndisturbed(List<TrainingProgress.Step> log) throws Exception {
    long first = log.get(0).number();
    assertThat(log.stream().map(TrainingProgress.Step::number).toList())
        .isEqualTo(LongStream.range(first, first + log.size()).boxed().toList());
    assertLossesAsUndisturbed(log);
  }

  /**
   * The same where the data owner died: of its last steps before a recovery point it may not have
   * lived to tell the losses.
   */
  private void assertSameAsUndisturbed(List<TrainingProgress.Step> log, long recoveredAt)
      throws Exception {
    Set<Long> told = log.stream().map(TrainingProgress.Step::number).collect(Collectors.toSet());
    assertThat(log.stream().map(TrainingProgress.Step::number).toList())
        .isSorted()
        .doesNotHaveDuplicates();
    assertThat(LongStream.range(log.get(0).number(), log.get(log.size() - 1).number()))
        .filteredOn(step -> !told.contains(step))
        .allSatisfy(step -> assertThat(step).isBetween(recoveredAt - MOST_LOST, recoveredAt - 1));
    assertLossesAsUndisturbed(log);
  }

  private void assertLossesAsUndisturbed(List<TrainingProgress.Step> log) throws Exception {
    int steps = (int) log.get(log.size() - 1).number() + 1;
    Map<Long, Double> still;
    try (Cluster cluster = Cluster.start(data.resolve("still"), setup(Optional.empty(), false))) {
      still =
          cluster.awaitSteps(steps).stream()
              .collect(
                  Collectors.toMap(TrainingProgress.Step::number, TrainingProgress.Step::loss));
    }
    assertThat(log).allSatisfy(step -> assertThat(step.loss()).isEqualTo(still.get(step.number())));
  }

  private Cluster start(String name, ReplicationSpec spec, boolean linkAround) throws IOException {
    return Cluster.start(data.resolve(name), setup(Optional.of(spec), linkAround));
  }

  private static Cluster.Setup setup(Optional<ReplicationSpec> spec, boolean linkAround) {
    JobSpec toy = Cluster.job();
    List<LinkSpec> links = new ArrayList<>(toy.links());
    if (linkAround) {
      links.add(new LinkSpec(Cluster.DEVICE, Cluster.CLOUD, 1e6, 0.002));
      links.add(new LinkSpec(Cluster.CLOUD, Cluster.DEVICE, 1e6, 0.002));
    }
    JobSpec job =
        new JobSpec(
            toy.id(),
            toy.model(),
            toy.batchSize(),
            toy.interval(),
            toy.layers(),
            toy.nodes(),
            links,
            toy.dataOwner(),
            linkAround ? List.of(Cluster.CLOUD) : toy.labelHolders(),
            toy.minOwnerLayers(),
            toy.objectives());
    return Cluster.Setup.toy(job, Cluster.cut(2, 3), 8, List.of(), options -> options)
        .with(options -> options.withReplication(spec).withHeartbeat(HEARTBEAT));
  }
}
