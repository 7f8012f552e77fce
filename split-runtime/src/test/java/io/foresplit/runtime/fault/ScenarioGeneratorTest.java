package io.foresplit.runtime.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.foresplit.contract.Conditions;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.Objective;
import io.foresplit.contract.Placement;
import io.foresplit.contract.Severity;
import io.foresplit.runtime.plan.CutPlanner;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ScenarioGeneratorTest {
  private static final JobSpec JOB = DemoJob.JOB;
  private static final double BOUND = DemoJob.STEP_TIME.bound();
  private static final int SEEDS = 500;

  private final ScenarioGenerator generator = new ScenarioGenerator();
  private final CutPlanner planner = new CutPlanner();

  @ParameterizedTest
  @EnumSource(FaultKind.class)
  void everySeedStartsHealthyAndAsGoodAsTheBest(FaultKind kind) {
    Conditions declared = JOB.declaredConditions();
    double best = planner.predict(JOB, planner.best(JOB, declared), declared);
    TreeSet<String> cuts = new TreeSet<>();
    for (int seed = 0; seed < SEEDS; seed++) {
      Placement initial = generator.generate(JOB, kind, seed, 110).initial();
      double seconds = planner.predict(JOB, initial, declared);
      assertThat(seconds).isLessThanOrEqualTo(0.75 * BOUND).isLessThanOrEqualTo(1.15 * best);
      cuts.add(initial.describe());
    }
    assertThat(cuts).as("initial cuts of %s", kind).hasSizeGreaterThanOrEqualTo(3);
  }

  @ParameterizedTest
  @EnumSource(names = {"UPLINK_FADE", "NODE_SLOWDOWN", "CONTENTION"})
  void everyFaultHurtsCanBeHealedAndStrikesAnywhere(FaultKind kind) {
    Map<String, Integer> struck = new TreeMap<>();
    for (int seed = 0; seed < SEEDS; seed++) {
      DemoScenario scenario = generator.generate(JOB, kind, seed, 110);
      FaultSpec fault = scenario.fault();
      assertThat(fault.kind()).isEqualTo(kind);
      assertThat(fault.onsetSeconds()).isBetween(38.0, 50.0);
      assertThat(fault.rampSeconds()).isBetween(25.0, 40.0);

      Conditions last = FaultSchedule.of(fault).finalConditions(JOB);
      double untouched = planner.predict(JOB, scenario.initial(), last);
      double healed = planner.predict(JOB, planner.best(JOB, last), last);
      assertThat(untouched).isGreaterThanOrEqualTo(1.3 * BOUND);
      assertThat(healed).isLessThanOrEqualTo(0.8 * BOUND).isLessThanOrEqualTo(0.7 * untouched);
      assertThat(scenario.untouchedSeconds()).isEqualTo(untouched);
      assertThat(scenario.bestSeconds()).isEqualTo(healed);
      struck.merge(fault.component().value(), 1, Integer::sum);
    }
    if (kind == FaultKind.UPLINK_FADE) {
      assertThat(struck).containsOnlyKeys("device->edge", "edge->cloud");
    } else {
      assertThat(struck).containsKeys("edge", "cloud");
    }
    assertThat(struck.values()).allMatch(count -> count > SEEDS / 20);
  }

  @Test
  void sameSeedGivesSameScenario() {
    for (FaultKind kind : FaultKind.values()) {
      assertThat(generator.generate(JOB, kind, 3, 110))
          .isEqualTo(new ScenarioGenerator().generate(JOB, kind, 3, 110));
    }
  }

  @Test
  void shortRunsKeepAHealthyPhaseAndEndAfterTheRamp() {
    for (int seed = 0; seed < 100; seed++) {
      FaultSpec fault = generator.generate(JOB, FaultKind.UPLINK_FADE, seed, 60).fault();
      assertThat(fault.onsetSeconds()).isGreaterThanOrEqualTo(30);
      assertThat(fault.fullSeconds()).isLessThan(55);
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> generator.generate(JOB, FaultKind.NONE, 1, 20))
        .withMessageContaining("at least 60");
  }

  @Test
  void aJobThatNoFaultCanHurtOrThatIsNeverHealthyIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> generator.generate(bounded(60), FaultKind.UPLINK_FADE, 1, 110))
        .withMessageContaining("no healable uplink-fade");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> generator.generate(bounded(0.1), FaultKind.UPLINK_FADE, 1, 110))
        .withMessageContaining("not healthy as declared");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                generator.generate(
                    DemoJob.withObjectives(List.of()), FaultKind.UPLINK_FADE, 1, 110))
        .withMessageContaining("objective on step-seconds");
  }

  private static JobSpec bounded(double seconds) {
    Objective declared = DemoJob.STEP_TIME;
    return DemoJob.withObjectives(
        List.of(
            new Objective(
                declared.id(), declared.metric(), seconds, declared.duration(), Severity.WARNING)));
  }
}
