package io.foresplit.runtime.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import io.foresplit.contract.JobId;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.LayerProfile;
import io.foresplit.contract.LinkSpec;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.NodeSpec;
import io.foresplit.contract.Placement;
import io.foresplit.runtime.OwnedLayer;
import io.foresplit.runtime.coordinator.RecoveryPlan.GoOn;
import io.foresplit.runtime.coordinator.RecoveryPlan.Provision;
import io.foresplit.runtime.coordinator.RecoveryPlan.Wait;
import io.foresplit.runtime.coordinator.RecoveryPlanner.Survey;
import io.foresplit.runtime.plan.CutPlanner;
import io.foresplit.runtime.proto.HeldStep;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RecoveryPlannerTest {
  static final NodeId DEVICE = new NodeId("device");
  static final NodeId EDGE = new NodeId("edge");
  static final NodeId CLOUD = new NodeId("cloud");

  private static final List<NodeId> LABELS_EVERYWHERE = List.of(DEVICE, CLOUD);

  private static final List<OwnedLayer> ALL =
      IntStream.range(0, 4).mapToObj(OwnedLayer::shared).toList();
  private static final Placement NOW = new Placement(List.of(DEVICE, EDGE, EDGE, CLOUD));

  @Test
  void withoutALinkAroundTheDeadNodeTheOwnerGoesOnAlone() {
    ReplicaInventory inventory =
        inventory(Map.of(DEVICE, List.of(held(20, 0, 1, 2, 3)), CLOUD, List.of(held(20, 3))));

    RecoveryPlan plan =
        planner(LABELS_EVERYWHERE).plan(survey(List.of(DEVICE, CLOUD), inventory, 27), NOW);

    assertThat(plan).isInstanceOf(GoOn.class);
    GoOn goOn = (GoOn) plan;
    assertThat(goOn.route()).containsExactly(DEVICE);
    assertThat(goOn.placement().nodeOfLayer()).containsOnly(DEVICE);
    assertThat(goOn.step()).isEqualTo(20);
    assertThat(goOn.provisions()).isEmpty();
  }

  @Test
  void aLinkAroundTheDeadNodeIsUsed() {
    JobSpec job = job(List.of(CLOUD), link(DEVICE, CLOUD), link(CLOUD, DEVICE));
    ReplicaInventory inventory =
        inventory(
            Map.of(
                DEVICE, List.of(held(10, 0, 1), held(20, 0, 1), held(30, 0)),
                CLOUD, List.of(held(20, 2, 3), held(30, 2, 3))));

    GoOn plan =
        (GoOn)
            new RecoveryPlanner(job, new CutPlanner(), 20)
                .plan(survey(List.of(DEVICE, CLOUD), inventory, 35), NOW);

    assertThat(plan.route()).containsExactly(DEVICE, CLOUD);
    assertThat(plan.step()).isEqualTo(20);
    assertThat(plan.placement().describe()).isEqualTo("device[0] cloud[1-3]");
    assertThat(plan.provisions()).containsExactly(new Provision(DEVICE, CLOUD, "", 20, List.of(1)));
  }

  @Test
  void theLatestRecoveryPointGoesBeforeTheShortestStep() {
    JobSpec job = job(LABELS_EVERYWHERE, link(DEVICE, CLOUD), link(CLOUD, DEVICE));
    ReplicaInventory inventory =
        inventory(
            Map.of(
                DEVICE, List.of(held(10, 0, 1, 2, 3), held(20, 0)),
                EDGE, List.of(held(20, 1, 2, 3)),
                CLOUD, List.of(held(10, 0, 1, 2, 3))));

    GoOn plan =
        (GoOn)
            new RecoveryPlanner(job, new CutPlanner(), 20)
                .plan(survey(List.of(DEVICE, EDGE, CLOUD), inventory, 35), NOW);

    assertThat(plan.step()).isEqualTo(20);
    assertThat(plan.route()).contains(EDGE);
  }

  @Test
  void withoutTheDataOwnerTrainingWaits() {
    RecoveryPlan plan =
        planner(LABELS_EVERYWHERE)
            .plan(
                survey(
                    List.of(EDGE, CLOUD),
                    inventory(Map.of(EDGE, List.of(held(20, 0, 1, 2, 3)))),
                    27),
                NOW);

    assertThat(plan).isEqualTo(new Wait("data owner device"));
  }

  @Test
  void withoutLabelsInReachTrainingWaits() {
    RecoveryPlan plan =
        planner(List.of(CLOUD))
            .plan(
                survey(
                    List.of(DEVICE, CLOUD),
                    inventory(Map.of(DEVICE, List.of(held(20, 0, 1, 2, 3)))),
                    27),
                NOW);

    assertThat(plan)
        .isEqualTo(
            new Wait(
                "a node that holds labels, [cloud], and a way to it: in reach are [[device]]"));
  }

  @Test
  void withoutAReplicaTrainingWaitsUnlessTheSeedLosesLittle() {
    ReplicaInventory inventory =
        inventory(Map.of(DEVICE, List.of(held(20, 0, 1)), EDGE, List.of(held(20, 1))));

    assertThat(planner(LABELS_EVERYWHERE).plan(survey(List.of(DEVICE, EDGE), inventory, 27), NOW))
        .isEqualTo(
            new Wait(
                "a replica of layers [2, 3] as of one step with the others: nodes [[device, edge]]"
                    + " have none"));
    GoOn early =
        (GoOn) planner(LABELS_EVERYWHERE).plan(survey(List.of(DEVICE, EDGE), inventory, 20), NOW);
    assertThat(early.step()).isZero();
    assertThat(early.provisions()).isEmpty();
  }

  @Test
  void theRecoveryPointIsTheLastStepOfWhichEachLayerIsThere() {
    ReplicaInventory inventory =
        inventory(
            Map.of(
                DEVICE, List.of(held(10, 0, 1), held(20, 0, 1), held(30, 0, 1)),
                EDGE, List.of(held(10, 2, 3), held(20, 2), held(30, 2, 3))));

    assertThat(inventory.latest(List.of(DEVICE, EDGE), ALL)).hasValue(30);
    assertThat(inventory.latest(List.of(DEVICE), ALL)).isEmpty();
    assertThat(inventory.redundant(copies(1), 100)).hasValue(30);
    assertThat(inventory.redundant(copies(1), 29)).hasValue(10);
    assertThat(inventory.redundant(copies(2), 100)).isEmpty();
    assertThat(inventory.missing(List.of(DEVICE), ALL)).containsExactly(2, 3);
  }

  @Test
  void aFileCountsAsACopy() {
    HeldStep filed =
        HeldStep.newBuilder(held(20, 0, 1, 2, 3)).addAllFiled(List.of(0, 1, 2, 3)).build();
    ReplicaInventory inventory = inventory(Map.of(DEVICE, List.of(filed, held(30, 0, 1, 2, 3))));

    assertThat(inventory.redundant(copies(2), 100)).hasValue(20);
  }

  static HeldStep held(long step, Integer... layers) {
    return HeldStep.newBuilder().setStep(step).addAllLayers(List.of(layers)).build();
  }

  private static ReplicaInventory inventory(Map<NodeId, List<HeldStep>> held) {
    return ReplicaInventory.of(held);
  }

  private static Survey survey(List<NodeId> alive, ReplicaInventory inventory, long done) {
    return new Survey(alive, Set.of(), inventory, done);
  }

  private static Map<OwnedLayer, Integer> copies(int wanted) {
    return ALL.stream().collect(Collectors.toMap(layer -> layer, layer -> wanted));
  }

  private static RecoveryPlanner planner(List<NodeId> labelHolders) {
    return new RecoveryPlanner(job(labelHolders), new CutPlanner(), 20);
  }

  static LinkSpec link(NodeId from, NodeId to) {
    return new LinkSpec(from, to, 1e6, 0.001);
  }

  /** Four layers, one of them bound to the device; nodes down the chain are ever faster. */
  static JobSpec job(List<NodeId> labelHolders, LinkSpec... around) {
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
        labelHolders,
        1,
        List.of());
  }
}
