package io.foresplit.runtime.sim;

import static io.foresplit.runtime.sim.ExactDemo.EDGE;
import static io.foresplit.runtime.sim.ExactDemo.INITIAL;
import static io.foresplit.runtime.sim.ExactDemo.JOB;
import static io.foresplit.runtime.sim.ExactDemo.cuts;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.foresplit.contract.ActionId;
import io.foresplit.contract.ComponentId;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.LinkSpec;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.Placement;
import io.foresplit.contract.SplitTopology;
import io.foresplit.contract.TrainingRuntime.MoveResult;
import io.foresplit.contract.TrainingRuntime.State;
import io.foresplit.runtime.TrainingProgress;
import io.foresplit.runtime.TrainingProgress.Recovery;
import io.foresplit.runtime.fault.DemoJob;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SimulatedRecoveryTest {
  private static final Restoring RESTORING = Restoring.usual();
  private static final double DEATH = 30;
  private static final double BACK = 90;
  private static final ComponentId CLOUD = ComponentId.of(DemoJob.CLOUD);

  private static Disturbance crash(ComponentId node) {
    return Disturbance.lasting(DisturbanceKind.NODE_CRASH, node, DEATH, 0, 1).lasting(BACK - DEATH);
  }

  private static Simulation simulation(JobSpec job, Disturbance... disturbances) {
    return Simulation.of(job, INITIAL, 1).withTraces(Map.of()).withDisturbances(disturbances);
  }

  private static SimulatedRuntime restoring(JobSpec job, Disturbance... disturbances) {
    return new SimulatedRuntime(simulation(job, disturbances).withRestoring(RESTORING));
  }

  /** The demo's job with a link around the edge. */
  private static JobSpec withWayAround() {
    List<LinkSpec> links = new ArrayList<>(JOB.links());
    links.add(new LinkSpec(DemoJob.DEVICE, DemoJob.CLOUD, 2.5e6, 0.008));
    links.add(new LinkSpec(DemoJob.CLOUD, DemoJob.DEVICE, 5e6, 0.008));
    return new JobSpec(
        JOB.id(),
        JOB.model(),
        JOB.batchSize(),
        JOB.interval(),
        JOB.layers(),
        JOB.nodes(),
        links,
        JOB.dataOwner(),
        JOB.labelHolders(),
        JOB.minOwnerLayers(),
        JOB.objectives());
  }

  private static List<SplitTopology> announced(SimulatedRuntime runtime, double until) {
    List<SplitTopology> announced = new ArrayList<>();
    while (runtime.nowSeconds() < until) {
      announced.addAll(runtime.nextInterval().announced());
    }
    return announced;
  }

  private static double secondsOf(TrainingProgress.Step step, SimulatedRuntime runtime)
      throws IOException {
    TrainingProgress progress = runtime.progress(JOB.id(), Long.MAX_VALUE);
    return Duration.between(progress.started().orElseThrow(), step.finished()).toMillis() / 1e3;
  }

  private static List<NodeId> nodes(Placement placement) {
    return placement.nodeOfLayer().stream().distinct().toList();
  }

  @Test
  void withoutTheEdgeTrainingGoesOnOverALinkAroundItAndOtherwiseItWaits() throws IOException {
    SimulatedRuntime waits = new SimulatedRuntime(simulation(withWayAround(), crash(EDGE)));
    waits.advanceTo(DEATH);
    long done = waits.usefulSteps();
    waits.advanceTo(BACK);
    assertThat(waits.usefulSteps()).isEqualTo(done);
    assertThat(waits.lostSteps()).isZero();

    SimulatedRuntime goesOn = restoring(withWayAround(), crash(EDGE));
    List<SplitTopology> announced = announced(goesOn, BACK - 1);
    assertThat(announced).extracting(SplitTopology::epoch).containsExactly(0L, 1L);
    assertThat(nodes(announced.get(1).placement())).containsExactly(DemoJob.DEVICE, DemoJob.CLOUD);
    long recoveryPoint = done - done % RESTORING.everySteps();
    TrainingProgress progress = goesOn.progress(JOB.id(), recoveryPoint);
    assertThat(goesOn.lostSteps()).isEqualTo(done - recoveryPoint).isPositive();
    assertThat(progress.steps()).isGreaterThan(done + 100);
    Recovery recovery = progress.recoveries().get(0);
    assertThat(recovery.lost()).isEqualTo(goesOn.lostSteps());
    assertThat(recovery.silentSeconds()).isCloseTo(RESTORING.detectSeconds(), within(1e-9));
    assertThat(recovery.seconds()).isBetween(RESTORING.restoreSeconds(), 0.5);
    double gap = secondsOf(progress.log().get(0), goesOn) - DEATH;
    assertThat(gap).isBetween(RESTORING.detectSeconds() + RESTORING.restoreSeconds(), 1.6);
    List<TrainingProgress.Step> log = goesOn.progress(JOB.id(), 0).log();
    assertThat(log.stream().map(TrainingProgress.Step::number).toList())
        .isEqualTo(LongStream.range(0, progress.steps()).boxed().toList());
  }

  @Test
  void aNodeThatIsBackGetsLayersByAMoveAndNotBefore() throws IOException {
    SimulatedRuntime runtime = restoring(withWayAround(), crash(EDGE));
    runtime.advanceTo(BACK - 1);
    Placement without = runtime.topology(JOB.id()).placement();
    MoveResult dead = runtime.move(JOB.id(), new ActionId("dead"), 1, 1, INITIAL);
    assertThat(dead.state()).isEqualTo(State.REFUSED);
    assertThat(dead.detail()).isEqualTo("node edge is dead");
    Placement other = without.equals(cuts(1, 1)) ? cuts(2, 2) : cuts(1, 1);
    assertThat(runtime.move(JOB.id(), new ActionId("among"), 1, 1, other).state())
        .isEqualTo(State.COMMITTED);
    runtime.advanceTo(BACK + 5);
    assertThat(runtime.topology(JOB.id()).placement()).isEqualTo(other);
    assertThat(runtime.move(JOB.id(), new ActionId("back"), 1, 2, INITIAL).state())
        .isEqualTo(State.COMMITTED);
    long before = runtime.usefulSteps();
    runtime.advanceTo(BACK + 20);
    assertThat(runtime.usefulSteps()).isGreaterThan(before + 40);
  }

  @Test
  void whereNoLinkGoesAroundTheEdgeItIsWaitedFor() throws IOException {
    SimulatedRuntime runtime = restoring(JOB, crash(EDGE)); // the device holds no labels
    runtime.advanceTo(BACK - 1);
    assertThat(runtime.progress(JOB.id(), 0).status())
        .isEqualTo("waiting for nodes [edge]: without them the job allows no placement");
    assertThat(runtime.begin(JOB.id(), new ActionId("a"), 1, 0, cuts(2, 3)).detail())
        .startsWith("training recovers from the death of a node");
    runtime.advanceTo(BACK + 10);
    TrainingProgress progress = runtime.progress(JOB.id(), 0);
    assertThat(progress.status()).isEmpty();
    assertThat(progress.epoch()).isEqualTo(1);
    assertThat(secondsOf(progress.log().get((int) progress.recoveries().get(0).step()), runtime))
        .isBetween(BACK, BACK + 1);
  }

  @Test
  void withoutTheCloudItsLayersComeFromTheEdge() throws IOException {
    SimulatedRuntime runtime = restoring(JOB, crash(CLOUD));
    runtime.advanceTo(BACK - 1);
    Placement placement = runtime.topology(JOB.id()).placement();
    assertThat(nodes(placement)).containsExactly(DemoJob.DEVICE, DemoJob.EDGE);
    assertThat(runtime.progress(JOB.id(), 0).recoveries()).hasSize(1);
  }

  @Test
  void aLeakThatEndsAProcessIsItsDeath() throws IOException {
    Disturbance leak =
        Disturbance.lasting(DisturbanceKind.MEMORY_LEAK, CLOUD, 10, DEATH - 10, 1e9).lasting(60);
    SimulatedRuntime runtime = restoring(JOB, leak);
    runtime.advanceTo(DEATH);
    assertThat(runtime.topology(JOB.id()).epoch()).isZero();
    runtime.advanceTo(DEATH + 2);
    assertThat(runtime.topology(JOB.id()).epoch()).isEqualTo(1);
  }

  @Test
  void theDataOwnerAndWhoIsBackBeforeBeingMissedAreWaitedFor() throws IOException {
    SimulatedRuntime owner = restoring(JOB, crash(ComponentId.of(DemoJob.DEVICE)));
    owner.advanceTo(BACK + 5);
    SimulatedRuntime soon = restoring(JOB, crash(EDGE).lasting(0.9));
    soon.advanceTo(BACK + 5);
    for (SimulatedRuntime runtime : List.of(owner, soon)) {
      assertThat(runtime.progress(JOB.id(), 0).recoveries()).isEmpty();
      assertThat(runtime.lostSteps()).isZero();
      assertThat(runtime.usefulSteps()).isPositive();
    }
  }

  @Test
  void aMoveThatIsUnderWayIsGivenUp() throws IOException {
    SimulatedRuntime runtime = restoring(JOB, crash(CLOUD));
    runtime.advanceTo(DEATH + 0.1);
    ActionId action = new ActionId("a");
    runtime.begin(JOB.id(), action, 1, 0, cuts(2, 3));
    runtime.advanceTo(DEATH + 3);
    MoveResult result = runtime.status(JOB.id(), action).orElseThrow();
    assertThat(result.state()).isEqualTo(State.ABORTED);
    assertThat(result.detail())
        .isEqualTo("while HOLDING: training stopped to recover from the death of a node");
    assertThat(runtime.progress(JOB.id(), 0).recoveries()).hasSize(1);
    long before = runtime.usefulSteps();
    runtime.advanceTo(DEATH + 10);
    assertThat(runtime.usefulSteps()).isGreaterThan(before + 10);
  }

  @Test
  void aRestartComesFirstAndFindsTheDeadAfterwards() throws IOException {
    SimulatedRuntime runtime = restoring(JOB, crash(CLOUD));
    runtime.advanceTo(DEATH + 0.5);
    runtime.restart(JOB.id(), new ActionId("a"), 1, 0, cuts(2, 3), 8, 20);
    runtime.advanceTo(DEATH + 0.5 + 8 + 0.1);
    assertThat(runtime.topology(JOB.id()).placement()).isEqualTo(cuts(2, 3));
    assertThat(runtime.progress(JOB.id(), 0).recoveries()).isEmpty();
    runtime.advanceTo(DEATH + 0.5 + 8 + 3);
    assertThat(nodes(runtime.topology(JOB.id()).placement()))
        .containsExactly(DemoJob.DEVICE, DemoJob.EDGE);
    assertThat(runtime.progress(JOB.id(), 0).recoveries()).hasSize(1);
  }

  @ParameterizedTest
  @EnumSource(
      value = DisturbanceKind.class,
      names = {"NODE_CRASH", "MEMORY_LEAK"},
      mode = EnumSource.Mode.EXCLUDE)
  void whereNobodyDiesItMakesNoDifference(DisturbanceKind kind) {
    ComponentId struck =
        switch (kind.effect().target()) {
          case LINK ->
              kind == DisturbanceKind.DOWNLINK_FADE
                  ? ComponentId.link(DemoJob.EDGE, DemoJob.DEVICE)
                  : ExactDemo.UP;
          case NODE, ANY ->
              kind == DisturbanceKind.STRAGGLER ? ComponentId.of(DemoJob.DEVICE) : EDGE;
          case JOB -> ComponentId.JOB;
        };
    Simulation simulation =
        simulation(
            JOB, Disturbance.recurring(kind, struck, 2, 0, 4, kind.size().isFactor() ? 2 : 0.5));
    assertThat(ExactDemo.intervals(new SimulatedRuntime(simulation.withRestoring(RESTORING)), 20))
        .isEqualTo(ExactDemo.intervals(new SimulatedRuntime(simulation), 20));
  }

  @Test
  void whatMakesNoSenseIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Restoring(-1, 0, 20))
        .withMessage("detectSeconds must be finite and at least 0, was -1.0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Restoring(1, Double.NaN, 20))
        .withMessage("restoreSeconds must be finite and at least 0, was NaN");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Restoring(1, 1, 0))
        .withMessage("everySteps must be at least 1, was 0");
  }
}
