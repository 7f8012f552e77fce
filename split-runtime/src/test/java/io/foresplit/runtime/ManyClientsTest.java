package io.foresplit.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Compression;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.LayerProfile;
import io.foresplit.contract.LinkSpec;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.NodeSpec;
import io.foresplit.contract.Placement;
import io.foresplit.contract.TrainingRuntime.State;
import io.foresplit.contract.TrainingScheme;
import io.foresplit.contract.TrainingScheme.Mode;
import io.foresplit.contract.TrainingScheme.Sharding;
import io.foresplit.runtime.data.Dataset;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each mode on nodes over gRPC, against the same algorithm in a few loops. */
class ManyClientsTest {
  static final int WIDTH = 8;
  static final int LAYERS = 4;
  private static final int BATCH = 4;
  private static final int STEPS = 12;
  static final long SEED = 5;
  static final Dataset DATA = new Cluster.Numbers(WIDTH);

  @TempDir Path folder;

  @Test
  void microBatchesOfOneClient() throws Exception {
    compare(TrainingScheme.chain(2), 1, List.of("edge", "cloud"), List.of(2, 3));
  }

  @Test
  void aChainOfFiveHops() throws Exception {
    List<String> nodes = List.of("gateway", "edge", "metro", "cloud");
    compare(TrainingScheme.chain(1), 1, nodes, List.of(1, 2, 3, 3));
  }

  @Test
  void uShaped() throws Exception {
    compare(scheme(Mode.U_SHAPED, 1, 1, 0, 0, 0, 1), 1, List.of("edge", "cloud"), List.of(1, 2));
  }

  @Test
  void uShapedWithSeveralClientsAndMicroBatches() throws Exception {
    compare(scheme(Mode.U_SHAPED, 3, 2, 0, 2, 0, 1), 3, List.of("edge", "cloud"), List.of(1, 2));
  }

  @Test
  void parallel() throws Exception {
    compare(scheme(Mode.PARALLEL, 3, 1, 0, 0, 0, 0), 3, List.of("edge", "cloud"), List.of(2, 3));
  }

  @Test
  void splitFederated() throws Exception {
    compare(
        scheme(Mode.SPLIT_FEDERATED, 3, 1, 0, 2, 0, 0), 3, List.of("edge", "cloud"), List.of(2, 3));
  }

  @Test
  void sequential() throws Exception {
    compare(scheme(Mode.SEQUENTIAL, 3, 1, 2, 0, 0, 0), 3, List.of("edge", "cloud"), List.of(2, 3));
  }

  @Test
  void serverLayersMoveAndClientLayersDoNot() throws Exception {
    JobSpec job = job(scheme(Mode.PARALLEL, 3, 1, 0, 0, 0, 0), 3, List.of("edge", "cloud"), 1);
    List<NodeId> chain = job.nodes().stream().map(NodeSpec::id).toList();
    try (Cluster cluster = start(job, Placement.ofCuts(chain, LAYERS, List.of(1, 2)))) {
      cluster.awaitSteps(3);
      assertThat(cluster.move("a", 1, 0, Placement.ofCuts(chain, LAYERS, List.of(2, 3))).detail())
          .contains("layers of clients stay where they are");
      assertThat(cluster.move("b", 1, 0, Placement.ofCuts(chain, LAYERS, List.of(1, 3))).state())
          .isEqualTo(State.COMMITTED);
      int steps = cluster.awaitSteps(5).size();
      List<TrainingProgress.Step> log = cluster.awaitSteps(steps + 10);
      List<Double> expected = reference(job, 1, steps);
      for (int i = 0; i < steps; i++) {
        assertThat(log.get(i).loss()).isEqualTo(expected.get(i));
      }
    }
  }

  @Test
  void theCoordinatorIsStartedAgainAndStepsGoOn() throws Exception {
    JobSpec job =
        job(scheme(Mode.SPLIT_FEDERATED, 3, 1, 0, 2, 0, 0), 3, List.of("edge", "cloud"), 1);
    List<NodeId> chain = job.nodes().stream().map(NodeSpec::id).toList();
    try (Cluster cluster = start(job, Placement.ofCuts(chain, LAYERS, List.of(2, 3)))) {
      cluster.awaitSteps(5);
      cluster.restartCoordinator();
      List<TrainingProgress.Step> log = cluster.awaitSteps(2 * STEPS);
      List<Double> expected = reference(job, 2, log.size());
      assertThat(log.stream().map(TrainingProgress.Step::loss).toList()).isEqualTo(expected);
    }
  }

  @Test
  void compressedPassesOfClientsRepeat() throws Exception {
    JobSpec job = job(scheme(Mode.U_SHAPED, 3, 2, 0, 2, 0, 1), 3, List.of("edge", "cloud"), 1);
    NodeId edge = new NodeId("edge");
    NodeId owner = job.dataOwner();
    Map<ComponentId, Compression> links =
        Map.of(
            ComponentId.link(owner, edge), new Compression(0.5, 4),
            ComponentId.link(new NodeId("phone-2"), edge), new Compression(0.5, 3));
    Placement placement = new Placement(List.of(owner, edge, job.nodes().get(2).id(), owner));
    List<List<Double>> runs = new ArrayList<>();
    for (int run = 0; run < 2; run++) {
      Cluster.Setup setup =
          Cluster.Setup.toy(job, placement, WIDTH, List.of(), o -> o)
              .with(o -> o.withCompression(links));
      try (Cluster cluster = Cluster.start(folder.resolve("run-" + run), setup)) {
        runs.add(
            cluster.awaitSteps(STEPS).stream()
                .limit(STEPS)
                .map(TrainingProgress.Step::loss)
                .toList());
      }
    }
    assertThat(runs.get(0))
        .isEqualTo(runs.get(1))
        .isNotEqualTo(reference(job, 1, STEPS))
        .allMatch(Double::isFinite);
  }

  @Test
  void aSlowClientIsLeftBehindAndCounted() throws Exception {
    JobSpec job = job(scheme(Mode.PARALLEL, 3, 1, 0, 0, 2, 0), 3, List.of("edge", "cloud"), 0.002);
    List<NodeId> chain = job.nodes().stream().map(NodeSpec::id).toList();
    try (Cluster cluster = start(job, Placement.ofCuts(chain, LAYERS, List.of(2, 3)))) {
      List<TrainingProgress.Step> log = cluster.awaitSteps(STEPS);
      assertThat(log).anyMatch(step -> step.late() == 1);
      assertThat(log).allMatch(step -> step.late() <= 1 && Double.isFinite(step.loss()));
    }
  }

  private void compare(TrainingScheme scheme, int clients, List<String> servers, List<Integer> cuts)
      throws Exception {
    JobSpec job = job(scheme, clients, servers, 1);
    List<NodeId> chain = job.nodes().stream().map(NodeSpec::id).toList();
    List<NodeId> holders =
        new ArrayList<>(Placement.ofCuts(chain, LAYERS - scheme.tailLayers(), cuts).nodeOfLayer());
    for (int i = 0; i < scheme.tailLayers(); i++) {
      holders.add(job.dataOwner());
    }
    Placement placement = new Placement(holders);
    assertThat(placement.violations(job)).isEmpty();
    int head = holders.lastIndexOf(job.dataOwner()) == LAYERS - 1 ? 1 : cuts.get(0);
    try (Cluster cluster = start(job, placement)) {
      List<TrainingProgress.Step> log = cluster.awaitSteps(STEPS);
      List<Double> expected = reference(job, head, STEPS);
      for (int i = 0; i < STEPS; i++) {
        assertThat(log.get(i).loss()).as("step " + i).isEqualTo(expected.get(i));
      }
      if (scheme.turnSteps() + scheme.averageEvery() > 0) {
        assertThat(log).anyMatch(step -> step.modelBytes() > 0);
      }
    }
  }

  private Cluster start(JobSpec job, Placement placement) throws Exception {
    return Cluster.start(folder, Cluster.Setup.toy(job, placement, WIDTH, List.of(), o -> o));
  }

  private static List<Double> reference(JobSpec job, int headLayers, int steps) {
    return new ReferenceTraining(job, DATA, SEED, WIDTH, headLayers)
        .until(steps, job.clients())
        .losses();
  }

  static TrainingScheme scheme(
      Mode mode, int clients, int micro, int turns, int average, int quorum, int tail) {
    return scheme(mode, clients, micro, turns, average, quorum, tail, 1);
  }

  private static TrainingScheme scheme(
      Mode mode,
      int clients,
      int micro,
      int turns,
      int average,
      int quorum,
      int tail,
      double lastSpeed) {
    List<NodeSpec> peers = new ArrayList<>();
    for (int i = 2; i <= clients; i++) {
      peers.add(new NodeSpec(new NodeId("phone-" + i), i == clients ? lastSpeed : 1));
    }
    return new TrainingScheme(
        mode,
        micro,
        peers,
        Sharding.IID,
        turns,
        average,
        quorum,
        Duration.ofMillis(quorum > 0 ? 20 : 0),
        tail);
  }

  static JobSpec job(TrainingScheme scheme, int clients, List<String> servers, double lastSpeed) {
    List<LayerProfile> layers = new ArrayList<>();
    for (int i = 0; i < LAYERS; i++) {
      layers.add(new LayerProfile("layer" + i, 0.0005, 0.001, 4L * WIDTH * BATCH, 4L * WIDTH));
    }
    NodeId owner = new NodeId("phone-1");
    List<NodeSpec> nodes = new ArrayList<>(List.of(new NodeSpec(owner, 1)));
    servers.forEach(name -> nodes.add(new NodeSpec(new NodeId(name), 4)));
    List<LinkSpec> links = new ArrayList<>();
    for (int i = 0; i + 1 < nodes.size(); i++) {
      both(links, nodes.get(i).id(), nodes.get(i + 1).id());
    }
    TrainingScheme slowed =
        lastSpeed == 1
            ? scheme
            : scheme(
                scheme.mode(),
                clients,
                scheme.microBatches(),
                scheme.turnSteps(),
                scheme.averageEvery(),
                scheme.quorum(),
                scheme.tailLayers(),
                lastSpeed);
    slowed.peers().forEach(peer -> both(links, peer.id(), nodes.get(1).id()));
    NodeId labels = scheme.tailLayers() > 0 ? owner : nodes.get(nodes.size() - 1).id();
    return new JobSpec(
        Cluster.JOB,
        "scaling",
        BATCH,
        Duration.ofMillis(100),
        layers,
        nodes,
        links,
        owner,
        List.of(labels),
        1,
        List.of(),
        slowed);
  }

  private static void both(List<LinkSpec> links, NodeId a, NodeId b) {
    links.add(new LinkSpec(a, b, 1e6, 0.0005));
    links.add(new LinkSpec(b, a, 1e6, 0.0005));
  }
}
