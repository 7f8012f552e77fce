package io.foresplit.runtime.sim;

import static io.foresplit.runtime.sim.ExactDemo.EDGE;
import static io.foresplit.runtime.sim.ExactDemo.INITIAL;
import static io.foresplit.runtime.sim.ExactDemo.JOB;
import static io.foresplit.runtime.sim.ExactDemo.PREDICTED;
import static io.foresplit.runtime.sim.ExactDemo.cuts;
import static io.foresplit.runtime.sim.ExactDemo.exact;
import static io.foresplit.runtime.sim.ExactDemo.intervals;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.foresplit.contract.ActionId;
import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Placement;
import io.foresplit.contract.SegmentReport;
import io.foresplit.contract.SplitTopology;
import io.foresplit.contract.TrainingRuntime.MoveResult;
import io.foresplit.contract.TrainingRuntime.State;
import io.foresplit.runtime.TrainingProgress;
import io.foresplit.runtime.fault.DemoJob;
import io.foresplit.runtime.plan.CutPlanner;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class SimulatedRestartTest {
  private static final ActionId ACTION = new ActionId("a");
  private static final double DOWN = 8;
  private static final int EVERY = 20;

  private static MoveResult restart(SimulatedRuntime runtime, Placement target) throws IOException {
    return runtime.restart(JOB.id(), ACTION, 1, 0, target, DOWN, EVERY);
  }

  private static MoveResult status(SimulatedRuntime runtime) throws IOException {
    return runtime.status(JOB.id(), ACTION).orElseThrow();
  }

  @Test
  void itLosesTheStepsSinceTheCheckpointAndStandsStillAsLongAsTold() throws IOException {
    SimulatedRuntime runtime = new SimulatedRuntime(exact());
    runtime.advanceTo(9);
    long done = runtime.usefulSteps();
    assertThat(done % EVERY).isPositive();

    assertThat(restart(runtime, cuts(2, 4)).state()).isEqualTo(State.IN_PROGRESS);
    assertThat(runtime.nowSeconds()).isEqualTo(9);
    runtime.advanceTo(9 + DOWN - 0.001);
    assertThat(runtime.usefulSteps()).isEqualTo(done);
    assertThat(status(runtime).state()).isEqualTo(State.IN_PROGRESS);
    assertThat(runtime.topology(JOB.id()).epoch()).isZero();
    runtime.advanceTo(9 + DOWN);

    long checkpoint = done - done % EVERY;
    assertThat(status(runtime))
        .isEqualTo(
            new MoveResult(
                State.COMMITTED,
                1,
                8_000,
                0,
                "device[0] edge[1-2] cloud[3-4] -> device[0-1] edge[2-3] cloud[4] from the"
                    + " checkpoint of step "
                    + checkpoint
                    + ", "
                    + (done - checkpoint)
                    + " steps are done again",
                8_000));
    assertThat(runtime.usefulSteps()).isEqualTo(checkpoint);
    assertThat(runtime.lostSteps()).isEqualTo(done - checkpoint);
    assertThat(runtime.topology(JOB.id()).placement()).isEqualTo(cuts(2, 4));
    runtime.advanceTo(40);
    List<TrainingProgress.Step> log = runtime.progress(JOB.id(), 0).log();
    assertThat(log.stream().map(TrainingProgress.Step::number).toList())
        .isEqualTo(LongStream.range(0, runtime.usefulSteps()).boxed().toList());
    assertThat(log.get((int) checkpoint - 1).epoch()).isZero();
    assertThat(log.get((int) checkpoint).epoch()).isEqualTo(1);
    Duration gap =
        Duration.between(
            log.get((int) checkpoint - 1).finished(), log.get((int) checkpoint).finished());
    assertThat(gap).isGreaterThan(Duration.ofMillis((long) (1e3 * (DOWN + PREDICTED))));
  }

  @Test
  void itMayStayWhereItIsAndIsAnnouncedAndNodesReportMeanwhile() throws IOException {
    SimulatedRuntime runtime = new SimulatedRuntime(Simulation.of(JOB, INITIAL, 1));
    runtime.advanceTo(5);
    restart(runtime, INITIAL);
    List<SimulatedInterval> intervals = intervals(runtime, 40);
    assertThat(intervals.stream().flatMap(i -> i.announced().stream()))
        .extracting(SplitTopology::epoch)
        .containsExactly(0L, 1L);
    assertThat(intervals).allMatch(i -> i.reports().size() == 3);
    assertThat(intervals.get(39).reports()).extracting(SegmentReport::epoch).containsOnly(1L);
    assertThat(status(runtime).pauseMillis()).isEqualTo(8_000);
  }

  @Test
  void itIsFencedAsAMoveIs() throws IOException {
    SimulatedRuntime runtime = new SimulatedRuntime(exact());
    runtime.fence(JOB.id(), 7);
    assertThat(restart(runtime, INITIAL).detail()).isEqualTo("term 1 is below the highest one, 7");
    assertThat(runtime.restart(JOB.id(), ACTION, 7, 1, INITIAL, DOWN, EVERY).detail())
        .isEqualTo("epoch 1 is not the one in force, 0");
    assertThat(runtime.restart(JOB.id(), ACTION, 7, 0, cuts(0, 3), DOWN, EVERY).detail())
        .contains("must stay on the data owner");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> runtime.restart(JOB.id(), ACTION, 7, 0, INITIAL, Double.NaN, EVERY))
        .withMessage("downSeconds must be finite and at least 0, was NaN");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> runtime.restart(JOB.id(), ACTION, 7, 0, INITIAL, 1, 0))
        .withMessage("checkpointEverySteps must be at least 1, was 0");
    assertThat(runtime.status(JOB.id(), ACTION)).isEmpty();

    assertThat(runtime.restart(JOB.id(), ACTION, 7, 0, INITIAL, DOWN, EVERY).state())
        .isEqualTo(State.IN_PROGRESS);
    assertThat(runtime.begin(JOB.id(), new ActionId("b"), 7, 0, cuts(2, 3)).detail())
        .isEqualTo("action a is under way");
    runtime.advanceTo(20);
    MoveResult result = status(runtime);
    assertThat(result.state()).isEqualTo(State.COMMITTED);
    assertThat(runtime.restart(JOB.id(), ACTION, 7, 0, INITIAL, DOWN, EVERY)).isEqualTo(result);
    assertThat(runtime.topology(JOB.id()).epoch()).isEqualTo(1);
  }

  @Test
  void aDeadNodeIsWaitedForUnlessTheTargetDoesWithoutIt() throws IOException {
    Simulation crash =
        exact()
            .withDisturbances(
                Disturbance.lasting(DisturbanceKind.NODE_CRASH, EDGE, 3, 0, 1).lasting(30));
    SimulatedRuntime waits = new SimulatedRuntime(crash);
    waits.advanceTo(5);
    restart(waits, cuts(2, 4));
    waits.advanceTo(32.9);
    assertThat(status(waits).state()).isEqualTo(State.COMMITTED);
    assertThat(waits.usefulSteps()).isLessThan(EVERY);
    long before = waits.usefulSteps();
    waits.advanceTo(40);
    assertThat(waits.usefulSteps()).isGreaterThan(before + 20);

    SimulatedRuntime without =
        new SimulatedRuntime(
            exact()
                .withDisturbances(
                    Disturbance.lasting(
                            DisturbanceKind.NODE_CRASH, ComponentId.of(DemoJob.CLOUD), 3, 0, 1)
                        .lasting(300)));
    without.advanceTo(5);
    restart(without, cuts(1, 5));
    without.advanceTo(30);
    double predicted = new CutPlanner().predict(JOB, cuts(1, 5), JOB.declaredConditions());
    assertThat((double) without.usefulSteps()).isCloseTo((30 - 5 - DOWN) / predicted, within(2.0));
  }

  @Test
  void aStepInFlightLeavesNothingBehind() throws IOException {
    SimulatedRuntime restarted = new SimulatedRuntime(exact());
    double offset = 2.5 * PREDICTED;
    restarted.advanceTo(offset);
    restarted.restart(JOB.id(), ACTION, 1, 0, INITIAL, 1, 1);
    restarted.advanceTo(20);
    SimulatedRuntime undisturbed = new SimulatedRuntime(exact());
    undisturbed.advanceTo(20 - 1 - PREDICTED / 2);
    assertThat(restarted.lostSteps()).isZero();
    assertThat(restarted.usefulSteps()).isCloseTo(undisturbed.usefulSteps(), within(1L));
    assertThat(
            restarted.progress(JOB.id(), 3).log().stream()
                .mapToDouble(TrainingProgress.Step::seconds))
        .allSatisfy(seconds -> assertThat(seconds).isCloseTo(PREDICTED, within(0.02)));
  }
}
