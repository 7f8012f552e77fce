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
import io.foresplit.contract.ReplicationSpec;
import io.foresplit.contract.TrainingRuntime.MoveResult;
import io.foresplit.contract.TrainingRuntime.State;
import io.foresplit.contract.TrainingScheme;
import io.foresplit.runtime.link.LinkCompressions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Steps of several micro-batches: their time, and what they work together with. */
class PipelinedTrainingTest {
  private static final Logger LOG = LoggerFactory.getLogger(PipelinedTrainingTest.class);
  private static final int STEPS = 40;
  private static final List<String> FIVE = List.of("phone", "gateway", "edge", "metro", "cloud");

  @TempDir Path data;

  @Test
  void fourMicroBatchesShortenAStepOfFiveEqualSegments() throws Exception {
    double whole = secondsOfAStep(1);
    double parts = secondsOfAStep(4);

    LOG.info(
        "five segments, a step: {} s with 1 micro-batch, {} s with 4, {} times as fast",
        whole,
        parts,
        whole / parts);
    // five segments one after the other against eight turns of a quarter: 5 / 2 without links
    assertThat(whole / parts).isBetween(1.5, 2.6);
  }

  @Test
  void aMoveBetweenStepsOfMicroBatchesChangesNoLoss() throws Exception {
    List<Double> moved;
    int steps;
    try (Cluster cluster = start("moved", Optional.empty(), Map.of())) {
      cluster.awaitSteps(10);
      MoveResult result = cluster.move("a", 1, 0, Cluster.cut(1, 2));
      assertThat(result.state()).as(result.detail()).isEqualTo(State.COMMITTED);
      steps = cluster.awaitSteps(1).size() + 20;
      moved = losses(cluster, steps);
    }
    assertThat(moved).isEqualTo(undisturbed(steps));
  }

  @Test
  void aNodeThatDiesWithinAStepOfMicroBatchesCostsNoLoss() throws Exception {
    TrainingProgress progress;
    try (Cluster cluster =
        start("killed", Optional.of(ReplicationSpec.toNeighbours(8)), Map.of())) {
      cluster.awaitSteps(40);

      cluster.kill(Cluster.CLOUD);

      TrainingProgress recovered =
          cluster.await(p -> !p.recoveries().isEmpty() && p.status().isEmpty());
      assertThat(recovered.recoveries().get(0).lost()).isLessThanOrEqualTo(8);
      long steps = recovered.recoveries().get(0).step() + 30;
      progress = cluster.await(p -> p.steps() >= steps);
    }
    assertThat(progress.log().stream().map(TrainingProgress.Step::loss).toList())
        .isEqualTo(undisturbed(progress.log().size()));
  }

  @Test
  void eachMicroBatchIsCompressedByItselfAndARunRepeats() throws Exception {
    Map<NodeId, NodeId> links = Map.of(Cluster.DEVICE, Cluster.EDGE, Cluster.EDGE, Cluster.CLOUD);
    List<Double> once;
    List<Double> again;
    try (Cluster cluster = start("once", Optional.empty(), links)) {
      once = losses(cluster, STEPS);
    }
    try (Cluster cluster = start("again", Optional.empty(), links)) {
      again = losses(cluster, STEPS);
    }
    assertThat(once).isEqualTo(again).isNotEqualTo(undisturbed(STEPS)).allMatch(Double::isFinite);
  }

  private List<Double> undisturbed(int steps) throws Exception {
    try (Cluster cluster = start("still-" + steps, Optional.empty(), Map.of())) {
      return losses(cluster, steps);
    }
  }

  private static List<Double> losses(Cluster cluster, int steps) throws Exception {
    return cluster.awaitSteps(steps).stream()
        .limit(steps)
        .map(TrainingProgress.Step::loss)
        .toList();
  }

  private Cluster start(
      String name, Optional<ReplicationSpec> replication, Map<NodeId, NodeId> compressed)
      throws Exception {
    JobSpec toy = Cluster.job();
    JobSpec job =
        new JobSpec(
            toy.id(),
            toy.model(),
            toy.batchSize(),
            toy.interval(),
            toy.layers(),
            toy.nodes(),
            toy.links(),
            toy.dataOwner(),
            toy.labelHolders(),
            toy.minOwnerLayers(),
            toy.objectives(),
            TrainingScheme.chain(2));
    Map<ComponentId, Compression> table = new TreeMap<>();
    compressed.forEach(
        (near, far) ->
            table.put(LinkCompressions.between(job, near, far), new Compression(0.5, 4)));
    return Cluster.start(
        data.resolve(name),
        Cluster.Setup.toy(job, Cluster.cut(2, 3), 8, List.of(), o -> o)
            .with(
                o ->
                    o.withReplication(replication)
                        .withHeartbeat(Duration.ofMillis(300))
                        .withCompression(table)));
  }

  private double secondsOfAStep(int microBatches) throws Exception {
    JobSpec job = chainOfFive(microBatches);
    List<NodeId> chain = job.nodes().stream().map(NodeSpec::id).toList();
    Placement placement = Placement.ofCuts(chain, 5, List.of(1, 2, 3, 4));
    try (Cluster cluster =
        Cluster.start(
            data.resolve("micro-" + microBatches),
            Cluster.Setup.toy(job, placement, 8, List.of(), o -> o))) {
      List<Double> seconds =
          new ArrayList<>(
              cluster.awaitSteps(15).stream().map(TrainingProgress.Step::seconds).toList());
      Collections.sort(seconds);
      return seconds.get(seconds.size() / 2);
    }
  }

  private static JobSpec chainOfFive(int microBatches) {
    List<LayerProfile> layers = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      layers.add(new LayerProfile("layer" + i, 0.020, 0.040, 4 * 8 * 8, 4 * 8));
    }
    List<NodeSpec> nodes = FIVE.stream().map(n -> new NodeSpec(new NodeId(n), 1)).toList();
    List<LinkSpec> links = new ArrayList<>();
    for (int i = 0; i + 1 < nodes.size(); i++) {
      links.add(new LinkSpec(nodes.get(i).id(), nodes.get(i + 1).id(), 1e7, 0.0005));
      links.add(new LinkSpec(nodes.get(i + 1).id(), nodes.get(i).id(), 1e7, 0.0005));
    }
    return new JobSpec(
        Cluster.JOB,
        "scaling",
        8,
        Duration.ofMillis(100),
        layers,
        nodes,
        links,
        nodes.get(0).id(),
        List.of(nodes.get(4).id()),
        1,
        List.of(),
        TrainingScheme.chain(microBatches));
  }
}
