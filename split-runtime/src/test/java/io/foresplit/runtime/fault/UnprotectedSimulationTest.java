package io.foresplit.runtime.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.foresplit.contract.ComponentId;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.Placement;
import io.foresplit.runtime.link.GeneratedTrace;
import io.foresplit.runtime.link.RateTrace;
import io.foresplit.runtime.plan.CutPlanner;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class UnprotectedSimulationTest {
  private static final JobSpec JOB = DemoJob.JOB;
  private static final ComponentId UPLINK = ComponentId.link(DemoJob.DEVICE, DemoJob.EDGE);
  private static final Placement INITIAL =
      Placement.ofCuts(List.of(DemoJob.DEVICE, DemoJob.EDGE, DemoJob.CLOUD), 5, List.of(1, 3));
  private static final double HEALTHY =
      new CutPlanner().predict(JOB, INITIAL, JOB.declaredConditions());

  @Test
  void breachIsTheFirstIntervalAboveTheBoundOfALastingRun() {
    // A jump at 20 s: the step under way ends within an interval, and is the last healthy one.
    UnprotectedSimulation jump = simulation(fade(20, 0, 12), Map.of(), 0);
    assertThat(jump.stepSeconds(19)).isCloseTo(HEALTHY, within(1e-12));
    assertThat(jump.stepSeconds(21)).isGreaterThan(DemoJob.STEP_TIME.bound());
    OptionalDouble breach = jump.breachSeconds(DemoJob.STEP_TIME, 60);
    assertThat(breach).hasValueCloseTo(20.5, within(0.5));
    assertThat(jump.breachSeconds(DemoJob.STEP_TIME, breach.getAsDouble() + 2.9)).isEmpty();
    assertThat(jump.breachSeconds(DemoJob.STEP_TIME, breach.getAsDouble() + 3)).isPresent();
  }

  @Test
  void aRampBreachesWhereTheStepTimeCrossesTheBound() {
    UnprotectedSimulation ramp = simulation(fade(40, 30, 12), Map.of(), 0);
    double breach = ramp.breachSeconds(DemoJob.STEP_TIME, 110).orElseThrow();
    assertThat(breach).isBetween(41.0, 70.0);
    assertThat(ramp.stepSeconds(breach - 1.5)).isLessThan(DemoJob.STEP_TIME.bound());
    assertThat(ramp.stepSeconds(breach)).isGreaterThan(DemoJob.STEP_TIME.bound());
  }

  @Test
  void overheadBringsTheBreachForward() {
    double without =
        simulation(fade(40, 30, 12), Map.of(), 0)
            .breachSeconds(DemoJob.STEP_TIME, 110)
            .orElseThrow();
    UnprotectedSimulation heavy = simulation(fade(40, 30, 12), Map.of(), 0.05);
    assertThat(heavy.stepSeconds(0)).isCloseTo(HEALTHY + 0.05, within(1e-12));
    assertThat(heavy.breachSeconds(DemoJob.STEP_TIME, 110).orElseThrow()).isLessThan(without);
  }

  @Test
  void anObjectiveThatNeverWasWithinItsBoundDoesNotArm() {
    assertThat(simulation(fade(0, 0, 12), Map.of(), 0).breachSeconds(DemoJob.STEP_TIME, 110))
        .isEmpty();
  }

  @Test
  void tracesCountAndHealthyTracesDoNotBreach() {
    Map<ComponentId, RateTrace> halved =
        Map.of(
            UPLINK,
            RateTrace.constant(JOB.declaredConditions().links().get(UPLINK).bytesPerSecond() / 2));
    assertThat(simulation(FaultSchedule.none(), halved, 0).stepSeconds(5)).isGreaterThan(HEALTHY);
    for (int seed = 0; seed < 50; seed++) {
      assertThat(
              simulation(FaultSchedule.none(), GeneratedTrace.forLinks(JOB, seed), 0.02)
                  .breachSeconds(DemoJob.STEP_TIME, 300))
          .isEmpty();
    }
  }

  @Test
  void everyScenarioBreachesByTheEndOfItsRampUnderItsTraces() {
    for (int seed = 0; seed < 100; seed++) {
      FaultKind kind = seed % 2 == 0 ? FaultKind.UPLINK_FADE : FaultKind.NODE_SLOWDOWN;
      DemoScenario scenario = new ScenarioGenerator().generate(JOB, kind, seed, 110);
      double breach = scenario.unprotectedBreachSeconds(JOB, 0.015).orElseThrow();
      assertThat(breach)
          .isBetween(scenario.fault().onsetSeconds() + 5, scenario.fault().fullSeconds() + 1);
    }
  }

  @Test
  void attainableIsTheBestPlacementUnderTheFullFault() {
    assertThat(UnprotectedSimulation.attainableStepSeconds(JOB, FaultSchedule.none(), 0.01))
        .isCloseTo(
            new CutPlanner()
                    .predict(
                        JOB,
                        new CutPlanner().best(JOB, JOB.declaredConditions()),
                        JOB.declaredConditions())
                + 0.01,
            within(1e-12));
    DemoScenario scenario = new ScenarioGenerator().generate(JOB, FaultKind.UPLINK_FADE, 5, 110);
    assertThat(
            UnprotectedSimulation.attainableStepSeconds(JOB, FaultSchedule.of(scenario.fault()), 0))
        .isEqualTo(scenario.bestSeconds());
  }

  @Test
  void onlyStepTimeIsSimulated() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                simulation(FaultSchedule.none(), Map.of(), 0)
                    .breachSeconds(JOB.objectives().get(1), 10))
        .withMessageContaining("STEP_SECONDS");
  }

  private static FaultSchedule fade(double onset, double ramp, double size) {
    return FaultSchedule.of(new FaultSpec(FaultKind.UPLINK_FADE, UPLINK, onset, ramp, size, 1));
  }

  private static UnprotectedSimulation simulation(
      FaultSchedule faults, Map<ComponentId, RateTrace> traces, double overheadSeconds) {
    return new UnprotectedSimulation(JOB, INITIAL, faults, traces, overheadSeconds);
  }
}
