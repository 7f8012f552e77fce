package io.foresplit.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.foresplit.contract.JobSpec;
import io.foresplit.contract.LinkSpec;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.NodeSpec;
import io.foresplit.contract.Placement;
import io.foresplit.contract.ReplicationSpec;
import io.foresplit.contract.TrainingRuntime.State;
import io.foresplit.contract.TrainingScheme;
import io.foresplit.contract.TrainingScheme.Mode;
import io.foresplit.runtime.TrainingProgress.Step;
import io.foresplit.runtime.tensor.LayerState;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Nodes that die in jobs of several clients, over real gRPC: the others train on, and every loss is
 * the one that the algorithms give with those who are there.
 */
@Timeout(180)
class ManyClientsRecoveryTest {
  private static final int MOST_LOST = 20;
  private static final NodeId ONE = new NodeId("phone-1");
  private static final NodeId TWO = new NodeId("phone-2");
  private static final NodeId THREE = new NodeId("phone-3");
  private static final NodeId EDGE = new NodeId("edge");
  private static final NodeId CLOUD = new NodeId("cloud");
  private static final List<NodeId> ALL = List.of(ONE, TWO, THREE);

  @TempDir Path data;

  @Test
  void whenAClientDiesTheOthersTrainOnAndItComesBackWithItsLayersAsTheyWereKept() throws Exception {
    JobSpec job = job(parallel());
    try (Cluster cluster = start(job, keptOn(EDGE))) {
      cluster.awaitSteps(60);
      cluster.kill(THREE);
      TrainingProgress.Recovery first = recovered(cluster, 1);
      assertThat(first.silentSeconds()).isGreaterThanOrEqualTo(0.9);
      assertThat(first.lost()).isLessThanOrEqualTo(MOST_LOST);
      TrainingProgress away = cluster.await(p -> p.steps() > first.step() + 60);
      assertThat(away.status()).isEqualTo("2 clients train on, waiting for data owner phone-3");

      cluster.startNode(THREE);
      TrainingProgress.Recovery second = recovered(cluster, 2);
      TrainingProgress back = cluster.await(p -> p.steps() > second.step() + 30);

      assertThat(back.status()).isEmpty();
      List<List<Double>> possible = new ArrayList<>();
      for (long kept = first.step() - MOST_LOST; kept <= first.step(); kept += MOST_LOST / 2) {
        assertThat(kept).isPositive();
        ReferenceTraining expected = reference(job, 2);
        expected.until((int) kept, ALL);
        List<LayerState> layers = expected.layers(THREE);
        expected.until((int) first.step(), ALL);
        expected.until((int) second.step(), List.of(ONE, TWO));
        expected.set(THREE, layers);
        possible.add(expected.until((int) back.steps(), ALL).losses());
      }
      assertThat(possible).anySatisfy(losses -> assertSame(back.log(), losses));
    }
  }

  @Test
  void whenTheFirstClientDiesAnotherDrives() throws Exception {
    JobSpec job = job(ManyClientsTest.scheme(Mode.SPLIT_FEDERATED, 3, 1, 0, 5, 0, 0));
    try (Cluster cluster = start(job, ReplicationSpec.toNeighbours(MOST_LOST))) {
      cluster.awaitSteps(60);
      cluster.kill(ONE);
      TrainingProgress.Recovery first = recovered(cluster, 1);
      TrainingProgress away = cluster.await(p -> p.steps() > first.step() + 40);
      assertThat(away.status()).isEqualTo("2 clients train on, waiting for data owner phone-1");
      assertThat(cluster.runtime().topology(Cluster.JOB).placement().describe())
          .isEqualTo("phone-2[0-1] edge[2] cloud[3]");

      Placement target = new Placement(List.of(TWO, TWO, CLOUD, CLOUD));
      assertThat(cluster.move("without", 1, 1, target).state()).isEqualTo(State.COMMITTED);

      cluster.startNode(ONE);
      TrainingProgress.Recovery second = recovered(cluster, 2);
      TrainingProgress back = cluster.await(p -> p.steps() > second.step() + 30);

      assertThat(cluster.runtime().topology(Cluster.JOB).placement().describe())
          .isEqualTo("phone-1[0-1] cloud[2-3]");
      ReferenceTraining expected = reference(job, 2);
      expected.until((int) first.step(), ALL);
      expected.until((int) second.step(), List.of(TWO, THREE));
      expected.anew(ONE); // nobody was allowed to keep its layers
      assertSame(back.log(), expected.until((int) back.steps(), ALL).losses());
      // phone-2 told what it had driven before phone-1 drove again
      List<Long> since =
          back.log().stream().map(Step::number).filter(n -> n >= first.step()).toList();
      assertThat(since).isEqualTo(LongStream.range(first.step(), back.steps()).boxed().toList());
    }
  }

  @Test
  void aClientOfWhoseLayersNothingIsLeftBeginsThemAnew() throws Exception {
    JobSpec job = job(ManyClientsTest.scheme(Mode.U_SHAPED, 3, 2, 0, 0, 0, 1));
    try (Cluster cluster = start(job, ReplicationSpec.toNeighbours(MOST_LOST))) {
      cluster.awaitSteps(40);
      cluster.kill(TWO);
      TrainingProgress.Recovery first = recovered(cluster, 1);
      cluster.await(p -> p.steps() > first.step() + 40);
      cluster.startNode(TWO);
      TrainingProgress.Recovery second = recovered(cluster, 2);
      TrainingProgress back = cluster.await(p -> p.steps() > second.step() + 30);

      ReferenceTraining expected = reference(job, 1);
      expected.until((int) first.step(), ALL);
      expected.until((int) second.step(), List.of(ONE, THREE));
      expected.anew(TWO);
      assertSame(back.log(), expected.until((int) back.steps(), ALL).losses());
    }
  }

  @Test
  void clientsThatTakeTurnsGoOnWithTheLayersOfOneThatDied() throws Exception {
    JobSpec job = job(ManyClientsTest.scheme(Mode.SEQUENTIAL, 3, 1, 7, 0, 0, 0));
    try (Cluster cluster = start(job, keptOn(EDGE))) {
      cluster.awaitSteps(70);
      cluster.kill(TWO);
      TrainingProgress.Recovery first = recovered(cluster, 1);
      TrainingProgress away = cluster.await(p -> p.steps() > first.step() + 40);

      ReferenceTraining expected = reference(job, 2);
      expected.until((int) first.step(), ALL);
      assertSame(away.log(), expected.until((int) away.steps(), List.of(ONE, THREE)).losses());
    }
  }

  @Test
  void whenTheNodeAfterTheClientsDiesTheyGoOnWithTheNext() throws Exception {
    JobSpec job = job(ManyClientsTest.scheme(Mode.U_SHAPED, 3, 1, 0, 5, 0, 1));
    try (Cluster cluster = start(job, ReplicationSpec.toNeighbours(MOST_LOST))) {
      cluster.awaitSteps(60);
      cluster.kill(EDGE);
      TrainingProgress.Recovery first = recovered(cluster, 1);
      assertThat(cluster.runtime().topology(Cluster.JOB).placement().describe())
          .isEqualTo("phone-1[0] cloud[1-2] phone-1[3]");
      cluster.await(p -> p.steps() > first.step() + 40);
      cluster.startNode(EDGE);
      TrainingProgress.Recovery second = recovered(cluster, 2);
      TrainingProgress back = cluster.await(p -> p.steps() > second.step() + 30);

      assertSame(back.log(), reference(job, 1).until((int) back.steps(), ALL).losses());
      Placement before = new Placement(List.of(ONE, EDGE, CLOUD, ONE));
      assertThat(cluster.move("back", 1, 2, before).state()).isEqualTo(State.COMMITTED);
    }
  }

  @Test
  void withoutAnyClientTrainingWaitsForOne() throws Exception {
    JobSpec job = job(parallel());
    try (Cluster cluster = start(job, ReplicationSpec.toNeighbours(MOST_LOST))) {
      cluster.awaitSteps(40);
      ALL.forEach(cluster::kill);
      cluster.await(p -> p.status().equals("waiting for data owner phone-1 or phone-2 or phone-3"));
      cluster.startNode(TWO);
      TrainingProgress.Recovery recovery =
          cluster
              .await(
                  p ->
                      p.status()
                          .equals("1 clients train on, waiting for data owner phone-1, phone-3"))
              .recoveries()
              .get(0);
      cluster.await(p -> p.steps() > recovery.step() + 30);
    }
  }

  @Test
  void aCoordinatorThatIsStartedAgainKnowsWhoIsAway() throws Exception {
    JobSpec job = job(parallel());
    try (Cluster cluster = start(job, ReplicationSpec.toNeighbours(MOST_LOST))) {
      cluster.awaitSteps(40);
      cluster.kill(ONE);
      TrainingProgress.Recovery first = recovered(cluster, 1);
      cluster.await(p -> p.steps() > first.step() + 20);

      cluster.restartCoordinator();
      TrainingProgress.Recovery second = recovered(cluster, 1); // of the second life
      TrainingProgress away = cluster.await(p -> p.steps() > second.step() + 40);

      ReferenceTraining expected = reference(job, 2);
      expected.until((int) first.step(), ALL);
      assertSame(away.log(), expected.until((int) away.steps(), List.of(TWO, THREE)).losses());
    }
  }

  @Test
  void whenAllProcessesEndFilesBringTrainingBack() throws Exception {
    JobSpec job = job(parallel());
    Path files = data.resolve("files");
    ReplicationSpec spec =
        new ReplicationSpec(MOST_LOST, false, Optional.of(files.toString()), List.of(), true);
    try (Cluster cluster = start(job, spec)) {
      cluster.await(p -> cluster.filed(files.resolve("toy")) > 40);
      List<NodeId> all = job.participants().stream().map(NodeSpec::id).toList();
      int port = cluster.killCoordinator();
      all.forEach(cluster::kill);

      cluster.startCoordinator(port);
      for (NodeId node : all) {
        cluster.startNode(node);
      }
      TrainingProgress back = cluster.await(p -> !p.recoveries().isEmpty() && p.status().isEmpty());

      assertThat(back.recoveries()).allMatch(recovery -> recovery.step() > 20);
      TrainingProgress more = cluster.await(p -> p.steps() > back.steps() + 50);
      assertThat(more.log()).allMatch(step -> Double.isFinite(step.loss()));
      assertThat(cluster.runtime().topology(Cluster.JOB).job()).isEqualTo(job);
    }
  }

  @Test
  void aSlowClientAndADeadOneAreTwoThings() throws Exception {
    JobSpec job =
        withLinksToTheCloud(
            ManyClientsTest.job(
                ManyClientsTest.scheme(Mode.PARALLEL, 3, 1, 0, 0, 2, 0),
                3,
                List.of("edge", "cloud"),
                0.02));
    try (Cluster cluster = start(job, keptOn(EDGE))) {
      cluster.await(p -> p.log().stream().anyMatch(step -> step.late() > 0));
      cluster.awaitSteps(60);
      cluster.kill(TWO);
      TrainingProgress.Recovery first = recovered(cluster, 1);
      TrainingProgress away = cluster.await(p -> p.steps() > first.step() + 10);

      // of two clients, the quorum is both: the slow one is waited for
      assertThat(away.log().stream().filter(step -> step.epoch() == first.epoch()))
          .isNotEmpty()
          .allMatch(step -> step.late() == 0 && Double.isFinite(step.loss()));
    }
  }

  private static TrainingScheme parallel() {
    return ManyClientsTest.scheme(Mode.PARALLEL, 3, 1, 0, 0, 0, 0);
  }

  private static ReplicationSpec keptOn(NodeId node) {
    return new ReplicationSpec(MOST_LOST, true, Optional.empty(), List.of(node), false);
  }

  private static JobSpec job(TrainingScheme scheme) {
    return withLinksToTheCloud(ManyClientsTest.job(scheme, 3, List.of("edge", "cloud"), 1));
  }

  private static JobSpec withLinksToTheCloud(JobSpec job) {
    List<LinkSpec> links = new ArrayList<>(job.links());
    for (NodeId client : job.clients()) {
      links.add(new LinkSpec(client, CLOUD, 1e6, 0.001));
      links.add(new LinkSpec(CLOUD, client, 1e6, 0.001));
    }
    return new JobSpec(
        job.id(),
        job.model(),
        job.batchSize(),
        job.interval(),
        job.layers(),
        job.nodes(),
        links,
        job.dataOwner(),
        job.labelHolders(),
        job.minOwnerLayers(),
        job.objectives(),
        job.scheme());
  }

  private Cluster start(JobSpec job, ReplicationSpec spec) throws Exception {
    List<NodeId> placement =
        job.scheme().tailLayers() > 0
            ? List.of(ONE, EDGE, CLOUD, ONE)
            : List.of(ONE, ONE, EDGE, CLOUD);
    return Cluster.start(
        data,
        Cluster.Setup.toy(job, new Placement(placement), ManyClientsTest.WIDTH, List.of(), o -> o)
            .with(
                options ->
                    options
                        .withReplication(Optional.of(spec))
                        .withHeartbeat(Duration.ofMillis(300))));
  }

  private static ReferenceTraining reference(JobSpec job, int headLayers) {
    return new ReferenceTraining(
        job, ManyClientsTest.DATA, ManyClientsTest.SEED, ManyClientsTest.WIDTH, headLayers);
  }

  private static TrainingProgress.Recovery recovered(Cluster cluster, int recoveries)
      throws Exception {
    return cluster
        .await(
            p ->
                p.recoveries().size() >= recoveries
                    && !p.status().startsWith("recovering")
                    && !p.status().startsWith("nodes"))
        .recoveries()
        .get(recoveries - 1);
  }

  private static void assertSame(List<Step> log, List<Double> expected) {
    assertThat(log).isNotEmpty();
    for (Step step : log) {
      assertThat(step.loss())
          .as("step " + step.number())
          .isEqualTo(expected.get((int) step.number()));
    }
  }
}
