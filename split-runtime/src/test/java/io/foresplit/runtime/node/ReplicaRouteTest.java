package io.foresplit.runtime.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.foresplit.contract.JobId;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.LayerProfile;
import io.foresplit.contract.LinkSpec;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.NodeSpec;
import io.foresplit.contract.ReplicationSpec;
import io.foresplit.contract.TrainingScheme;
import io.foresplit.contract.TrainingScheme.Mode;
import io.foresplit.contract.TrainingScheme.Sharding;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ReplicaRouteTest {
  static final NodeId DEVICE = new NodeId("device");
  static final NodeId EDGE = new NodeId("edge");
  static final NodeId CLOUD = new NodeId("cloud");
  private static final List<NodeId> CHAIN = List.of(DEVICE, EDGE, CLOUD);

  @Test
  void withoutALinkAroundTheMiddleTheOwnerKeepsWhatIsBeyondIt() {
    ReplicaRoute route = new ReplicaRoute(job(), ReplicationSpec.toNeighbours(10), CHAIN);

    assertThat(route.keeper(CLOUD, 3)).contains(DEVICE);
    assertThat(route.keeper(EDGE, 2)).contains(DEVICE);
    assertThat(route.keeper(DEVICE, 1)).contains(EDGE);
  }

  @Test
  void withALinkAroundItTheNearestKeepsIt() {
    JobSpec job = job(link(DEVICE, CLOUD), link(CLOUD, DEVICE));
    ReplicaRoute route = new ReplicaRoute(job, ReplicationSpec.toNeighbours(10), CHAIN);

    assertThat(route.keeper(CLOUD, 3)).contains(EDGE);
    assertThat(route.keeper(EDGE, 2)).contains(DEVICE);
  }

  @Test
  void layersOfTheOwnerGoWhereTheJobAllowsOnly() {
    ReplicationSpec none = ReplicationSpec.toNeighbours(10);
    ReplicationSpec cloud = new ReplicationSpec(10, true, Optional.empty(), List.of(CLOUD), false);

    assertThat(new ReplicaRoute(job(), none, CHAIN).keeper(DEVICE, 0)).isEmpty();
    assertThat(new ReplicaRoute(job(), cloud, CHAIN).keeper(DEVICE, 0)).contains(CLOUD);
    assertThat(new ReplicaRoute(job(), cloud, CHAIN).keeper(DEVICE, 1)).contains(EDGE);
  }

  @Test
  void aNodeThatIsNotInUseKeepsNothing() {
    ReplicationSpec spec = ReplicationSpec.toNeighbours(10);

    assertThat(new ReplicaRoute(job(), spec, List.of(DEVICE, EDGE)).keeper(EDGE, 2))
        .contains(DEVICE);
    assertThat(new ReplicaRoute(job(), spec, List.of(DEVICE)).keeper(DEVICE, 2)).isEmpty();
    assertThat(new ReplicaRoute(job(), spec, List.of(DEVICE, EDGE)).keeper(CLOUD, 3)).isEmpty();
    ReplicationSpec files =
        new ReplicationSpec(10, false, Optional.of("replicas"), List.of(), false);
    assertThat(new ReplicaRoute(job(), files, CHAIN).keeper(EDGE, 2)).isEmpty();
  }

  @Test
  void layersOfAClientGoToNoOtherClientUnlessTheyTakeTurns() {
    NodeId phone = new NodeId("phone");
    ReplicationSpec nobody = ReplicationSpec.toNeighbours(10);
    ReplicationSpec edge = new ReplicationSpec(10, true, Optional.empty(), List.of(EDGE), false);

    ReplicaRoute side = new ReplicaRoute(several(Mode.PARALLEL, phone), nobody, CHAIN);
    assertThat(side.keeper(phone, 0)).isEmpty();
    assertThat(side.keeper(DEVICE, 0)).isEmpty();
    assertThat(side.keeper(phone, 1)).contains(CLOUD); // without the edge, the phone is cut off
    assertThat(side.keeper(EDGE, 2)).contains(DEVICE);
    assertThat(new ReplicaRoute(several(Mode.PARALLEL, phone), edge, CHAIN).keeper(phone, 0))
        .contains(EDGE);

    ReplicaRoute turns = new ReplicaRoute(several(Mode.SEQUENTIAL, phone), nobody, CHAIN);
    assertThat(turns.keeper(phone, 0)).contains(DEVICE);
    assertThat(turns.keeper(DEVICE, 0)).contains(phone);
  }

  private static JobSpec several(Mode mode, NodeId peer) {
    JobSpec one = job(link(DEVICE, CLOUD), link(CLOUD, DEVICE));
    List<LinkSpec> links = new ArrayList<>(one.links());
    links.addAll(List.of(link(peer, EDGE), link(EDGE, peer)));
    return new JobSpec(
        one.id(),
        one.model(),
        one.batchSize(),
        one.interval(),
        one.layers(),
        one.nodes(),
        links,
        one.dataOwner(),
        List.of(CLOUD),
        one.minOwnerLayers(),
        one.objectives(),
        new TrainingScheme(
            mode,
            1,
            List.of(new NodeSpec(peer, 1)),
            Sharding.IID,
            mode == Mode.SEQUENTIAL ? 10 : 0,
            0,
            0,
            Duration.ZERO,
            0));
  }

  static LinkSpec link(NodeId from, NodeId to) {
    return new LinkSpec(from, to, 1e6, 0.001);
  }

  static JobSpec job(LinkSpec... around) {
    List<LinkSpec> links =
        new ArrayList<>(
            List.of(link(DEVICE, EDGE), link(EDGE, DEVICE), link(EDGE, CLOUD), link(CLOUD, EDGE)));
    links.addAll(List.of(around));
    return new JobSpec(
        new JobId("toy"),
        "scaling",
        4,
        Duration.ofMillis(100),
        IntStream.range(0, 4)
            .mapToObj(i -> new LayerProfile("layer" + i, 0.01, 0.02, 100, 100))
            .toList(),
        List.of(new NodeSpec(DEVICE, 1), new NodeSpec(EDGE, 2), new NodeSpec(CLOUD, 4)),
        links,
        DEVICE,
        List.of(DEVICE, CLOUD),
        1,
        List.of());
  }
}
