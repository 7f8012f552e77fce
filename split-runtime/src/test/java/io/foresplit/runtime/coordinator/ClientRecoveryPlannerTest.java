package io.foresplit.runtime.coordinator;

import static io.foresplit.runtime.coordinator.RecoveryPlannerTest.CLOUD;
import static io.foresplit.runtime.coordinator.RecoveryPlannerTest.EDGE;
import static io.foresplit.runtime.coordinator.RecoveryPlannerTest.link;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.foresplit.contract.JobSpec;
import io.foresplit.contract.LinkSpec;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.NodeSpec;
import io.foresplit.contract.Placement;
import io.foresplit.contract.TrainingScheme;
import io.foresplit.contract.TrainingScheme.Mode;
import io.foresplit.contract.TrainingScheme.Sharding;
import io.foresplit.runtime.coordinator.RecoveryPlan.GoOn;
import io.foresplit.runtime.coordinator.RecoveryPlan.Provision;
import io.foresplit.runtime.coordinator.RecoveryPlan.Wait;
import io.foresplit.runtime.coordinator.RecoveryPlanner.Survey;
import io.foresplit.runtime.proto.HeldStep;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ClientRecoveryPlannerTest {
  private static final NodeId ONE = new NodeId("device");
  private static final NodeId TWO = new NodeId("phone-2");
  private static final NodeId THREE = new NodeId("phone-3");
  private static final Placement NOW = new Placement(List.of(ONE, EDGE, EDGE, CLOUD));

  @Test
  void clientsThatAreLeftGoOnAndTheFirstOfThemStandsForAll() {
    GoOn plan =
        goOn(
            Mode.PARALLEL,
            List.of(TWO, THREE, EDGE, CLOUD),
            Set.of(),
            Map.of(
                TWO, List.of(own(TWO, 20, 0), own(TWO, 30, 0)),
                THREE, List.of(own(THREE, 20, 0), own(THREE, 30, 0)),
                EDGE, List.of(held(20, 1, 2), held(30, 1, 2), own(ONE, 20, 0)),
                CLOUD, List.of(held(20, 3), held(30, 3))));

    assertThat(plan.job().clients()).containsExactly(TWO, THREE);
    assertThat(plan.route()).containsExactly(TWO, EDGE, CLOUD);
    assertThat(plan.placement().describe()).isEqualTo("phone-2[0] edge[1-2] cloud[3]");
    assertThat(plan.step()).isEqualTo(30);
    assertThat(plan.provisions()).isEmpty();
    assertThat(plan.anew()).isEmpty();
  }

  @Test
  void aClientThatComesBackGetsWhatWasKeptOfItAndHoldsNobodyUp() {
    GoOn plan =
        goOn(
            Mode.PARALLEL,
            List.of(ONE, TWO, EDGE, CLOUD),
            Set.of(ONE),
            Map.of(
                TWO, List.of(own(TWO, 90, 0)),
                EDGE, List.of(held(90, 1, 2), own(ONE, 20, 0), own(ONE, 30, 0)),
                CLOUD, List.of(held(90, 3))));

    assertThat(plan.step()).isEqualTo(90);
    assertThat(plan.provisions())
        .containsExactly(new Provision(EDGE, ONE, "device", 30, List.of(0)));
  }

  @Test
  void aClientOfWhichNothingWasKeptBeginsItsLayersAnew() {
    Map<NodeId, List<HeldStep>> held =
        Map.of(
            TWO, List.of(own(TWO, 90, 0)),
            EDGE, List.of(held(90, 1, 2)),
            CLOUD, List.of(held(90, 3)));
    List<NodeId> alive = List.of(ONE, TWO, EDGE, CLOUD);

    for (Mode mode : List.of(Mode.PARALLEL, Mode.SPLIT_FEDERATED)) {
      GoOn plan = goOn(mode, alive, Set.of(ONE), held);
      assertThat(plan.provisions()).isEmpty();
      assertThat(plan.anew()).containsExactly(ONE);
    }
  }

  @Test
  void whereNoClientGoesOnTheirLayersAsTheyWereKeptAreTheRecoveryPoint() {
    Map<NodeId, List<HeldStep>> held =
        Map.of(
            EDGE, List.of(held(40, 1, 2), held(50, 1, 2), own(ONE, 40, 0)),
            CLOUD, List.of(held(40, 3), held(50, 3)));

    GoOn plan = goOn(Mode.PARALLEL, List.of(ONE, TWO, EDGE, CLOUD), Set.of(ONE, TWO), held);

    assertThat(plan.step()).isEqualTo(40);
    assertThat(plan.anew()).containsExactly(TWO);
  }

  @Test
  void whenAllProcessesAreNewFilesDecideAndNothingBeginsAnewBeforeAllAreThere() {
    List<NodeId> all = List.of(ONE, TWO, THREE, EDGE, CLOUD);
    Map<NodeId, List<HeldStep>> files =
        Map.of(
            ONE, List.of(own(ONE, 40, 0), own(TWO, 40, 0)),
            TWO, List.of(held(40, 1, 2)),
            EDGE, List.of(held(40, 3)));

    assertThat(plan(Mode.PARALLEL, all, Set.copyOf(all), files, 0))
        .isInstanceOfSatisfying(GoOn.class, plan -> assertThat(plan.step()).isEqualTo(40));
    List<NodeId> some = List.of(TWO, EDGE, CLOUD);
    assertThat(plan(Mode.PARALLEL, some, Set.copyOf(some), Map.of(), 0)).isInstanceOf(Wait.class);
    assertThat(plan(Mode.PARALLEL, all, Set.copyOf(all), Map.of(), 0))
        .isInstanceOfSatisfying(GoOn.class, plan -> assertThat(plan.step()).isZero());
  }

  @Test
  void ofClientsThatTakeTurnsTheNextOneGetsTheState() {
    // turns of 10 steps: of two clients, the second has step 30
    GoOn plan =
        goOn(
            Mode.SEQUENTIAL,
            List.of(ONE, THREE, EDGE, CLOUD),
            Set.of(),
            Map.of(
                ONE, List.of(held(10, 0)),
                EDGE, List.of(held(30, 0, 1, 2)),
                CLOUD, List.of(held(30, 3))));

    assertThat(plan.provisions()).containsExactly(new Provision(EDGE, THREE, "", 30, List.of(0)));
  }

  @Test
  void layersOfADeadNodeGoToTheOneBeforeItElseToTheOneAfterIt() {
    Map<NodeId, List<HeldStep>> held =
        Map.of(
            ONE, List.of(own(ONE, 30, 0), held(30, 1, 2, 3)),
            TWO, List.of(own(TWO, 30, 0)),
            THREE, List.of(own(THREE, 30, 0)));
    List<NodeId> clients = List.of(ONE, TWO, THREE);

    assertThat(goOn(Mode.PARALLEL, with(clients, CLOUD), Set.of(), held).placement().describe())
        .isEqualTo("device[0] cloud[1-3]");
    GoOn toTheEdge = goOn(Mode.PARALLEL, with(clients, EDGE), Set.of(), held);
    assertThat(toTheEdge.placement().describe()).isEqualTo("device[0] edge[1-3]");
    assertThat(toTheEdge.provisions())
        .extracting(Provision::source, Provision::target)
        .containsOnly(tuple(ONE, EDGE));
  }

  @Test
  void clientsWithoutALinkToTheNextNodeAreLeftOut() {
    // phone-3 has a link to the edge alone
    GoOn plan =
        goOn(
            Mode.PARALLEL,
            List.of(ONE, TWO, THREE, CLOUD),
            Set.of(),
            Map.of(
                ONE, List.of(own(ONE, 30, 0), held(30, 1, 2)),
                TWO, List.of(own(TWO, 30, 0)),
                CLOUD, List.of(held(30, 3))));

    assertThat(plan.job().clients()).containsExactly(ONE, TWO);
  }

  @Test
  void whatCannotGoOnSaysWhatItWaitsFor() {
    assertThat(plan(Mode.PARALLEL, List.of(EDGE, CLOUD), Set.of(), Map.of(), 100))
        .isEqualTo(new Wait("data owner device or phone-2 or phone-3"));
    assertThat(plan(Mode.PARALLEL, List.of(ONE, TWO), Set.of(), Map.of(), 100))
        .isInstanceOfSatisfying(
            Wait.class, w -> assertThat(w.reason()).startsWith("nodes after the clients"));
    assertThat(
            plan(
                Mode.PARALLEL,
                List.of(ONE, EDGE, CLOUD),
                Set.of(),
                Map.of(ONE, List.of(own(ONE, 30, 0)), CLOUD, List.of(held(30, 3))),
                100))
        .isInstanceOfSatisfying(
            Wait.class, w -> assertThat(w.reason()).startsWith("a replica of layers [1, 2]"));
  }

  @Test
  void whatHasNotBeenDoneEverywhereIsNoRecoveryPoint() {
    RecoveryPlan plan =
        plan(
            Mode.PARALLEL,
            List.of(ONE, EDGE, CLOUD),
            Set.of(),
            Map.of(
                ONE, List.of(own(ONE, 20, 0), own(ONE, 30, 0)),
                EDGE, List.of(held(20, 1, 2), held(30, 1, 2)),
                CLOUD, List.of(held(20, 3), held(30, 3))),
            29);

    assertThat(((GoOn) plan).step()).isEqualTo(20);
  }

  private static List<NodeId> with(List<NodeId> nodes, NodeId another) {
    List<NodeId> all = new ArrayList<>(nodes);
    all.add(another);
    return all;
  }

  private static HeldStep held(long step, Integer... layers) {
    return RecoveryPlannerTest.held(step, layers);
  }

  private static HeldStep own(NodeId owner, long step, Integer... layers) {
    return HeldStep.newBuilder(held(step, layers)).setOwner(owner.value()).build();
  }

  private static GoOn goOn(
      Mode mode, List<NodeId> alive, Set<NodeId> empty, Map<NodeId, List<HeldStep>> held) {
    RecoveryPlan plan = plan(mode, alive, empty, held, 100);
    assertThat(plan).isInstanceOf(GoOn.class);
    return (GoOn) plan;
  }

  private static RecoveryPlan plan(
      Mode mode,
      List<NodeId> alive,
      Set<NodeId> empty,
      Map<NodeId, List<HeldStep>> held,
      long done) {
    return new ClientRecoveryPlanner(job(mode), 20)
        .plan(new Survey(alive, empty, ReplicaInventory.of(held), done), NOW);
  }

  private static JobSpec job(Mode mode) {
    JobSpec toy = RecoveryPlannerTest.job(List.of(CLOUD, EDGE), link(ONE, CLOUD), link(CLOUD, ONE));
    List<LinkSpec> links = new ArrayList<>(toy.links());
    for (NodeId client : List.of(TWO, THREE)) {
      links.add(link(client, EDGE));
      links.add(link(EDGE, client));
    }
    links.add(link(TWO, CLOUD));
    links.add(link(CLOUD, TWO));
    return new JobSpec(
        toy.id(),
        toy.model(),
        toy.batchSize(),
        toy.interval(),
        toy.layers(),
        toy.nodes(),
        links,
        toy.dataOwner(),
        toy.labelHolders(),
        toy.minOwnerLayers(),
        toy.objectives(),
        new TrainingScheme(
            mode,
            1,
            List.of(new NodeSpec(TWO, 1), new NodeSpec(THREE, 1)),
            Sharding.IID,
            mode == Mode.SEQUENTIAL ? 10 : 0,
            mode == Mode.SPLIT_FEDERATED ? 10 : 0,
            0,
            Duration.ZERO,
            0));
  }
}
