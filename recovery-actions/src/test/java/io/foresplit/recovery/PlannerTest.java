package io.foresplit.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.foresplit.contract.Cause;
import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Conditions;
import io.foresplit.contract.Diagnosis;
import io.foresplit.contract.Incident;
import io.foresplit.contract.IncidentId;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.LinkCondition;
import io.foresplit.contract.Placement;
import io.foresplit.contract.RecoveryAction.MoveLayers;
import io.foresplit.contract.RecoveryPlan;
import io.foresplit.contract.SplitTopology;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class PlannerTest {
  private static final Conditions FADED = TestJob.uplink(0.05);
  private static final SplitTopology TOPOLOGY = TestJob.topology(3, TestJob.INITIAL);

  private final StepTimePlanner placements = new StepTimePlanner();
  private final Planner planner = new Planner(RecoveryConfig.Planning.defaults(), placements);

  private RecoveryPlan planned(Diagnosis diagnosis) {
    Decision decision = planner.plan(diagnosis, TOPOLOGY, 7, List.of());
    assertThat(decision).isInstanceOf(Decision.Act.class);
    return ((Decision.Act) decision).plan();
  }

  private String declined(Planner by, Diagnosis diagnosis, SplitTopology topology) {
    Decision decision = by.plan(diagnosis, topology, 7, List.of());
    assertThat(decision).isInstanceOf(Decision.Decline.class);
    return ((Decision.Decline) decision).reason();
  }

  @Test
  void plansForTheForecastOnTheEpochInForce() {
    RecoveryPlan plan = planned(TestJob.fade(7, 2, TestJob.uplink(0.1), FADED));
    assertThat(plan.epoch()).isEqualTo(3);
    assertThat(plan.actionId().value()).isEqualTo("act-inc-1-7");
    assertThat(((MoveLayers) plan.action()).from()).isEqualTo(TestJob.INITIAL);
    assertThat(((MoveLayers) plan.action()).to()).isEqualTo(placements.best(TestJob.SPEC, FADED));
    assertThat(plan.predictedAfterSeconds()).isLessThan(plan.predictedBeforeSeconds() * 0.9);
  }

  @Test
  void slightTroubleIsNotWorthAMove() {
    Conditions slight = TestJob.HEALTHY.withLink(TestJob.UPLINK, new LinkCondition(3.2e6, 0.005));
    assertThat(declined(planner, TestJob.fade(7, 0, TestJob.HEALTHY, slight), TOPOLOGY))
        .containsAnyOf("already the best", "are needed");
  }

  @Test
  void bestPlacementStays() {
    SplitTopology best = TestJob.topology(3, placements.best(TestJob.SPEC, FADED));
    assertThat(declined(planner, TestJob.fade(7, 0, FADED, FADED), best))
        .contains("already the best");
  }

  @Test
  void moveThatIsNotPaidBackIsDeclined() {
    RecoveryConfig.Planning impatient =
        new RecoveryConfig.Planning(0.1, 0.5, Duration.ofMillis(50), 0.1);
    assertThat(
            declined(
                new Planner(impatient, placements), TestJob.fade(7, 0, FADED, FADED), TOPOLOGY))
        .contains("is not won back within 0 s");
  }

  @Test
  void presentLossIsAcceptedOnlyForAnObjective() {
    Placement target = placements.best(TestJob.SPEC, FADED);
    assertThat(placements.predict(TestJob.SPEC, target, TestJob.HEALTHY))
        .isGreaterThan(placements.predict(TestJob.SPEC, TestJob.INITIAL, TestJob.HEALTHY) * 1.05);
    RecoveryConfig.Planning strict =
        new RecoveryConfig.Planning(0.1, 1.0, Duration.ofSeconds(60), 0.0);
    Diagnosis diagnosis = TestJob.fade(7, 0, TestJob.HEALTHY, FADED);

    assertThat(new Planner(strict, placements).plan(diagnosis, TOPOLOGY, 7, List.of()))
        .isInstanceOf(Decision.Act.class);
    assertThat(declined(new Planner(strict, placements), diagnosis, withoutObjectives()))
        .contains("under present conditions");
  }

  private static SplitTopology withoutObjectives() {
    var spec = TestJob.SPEC;
    var free =
        new JobSpec(
            spec.id(),
            spec.model(),
            spec.batchSize(),
            spec.interval(),
            spec.layers(),
            spec.nodes(),
            spec.links(),
            spec.dataOwner(),
            spec.labelHolders(),
            spec.minOwnerLayers(),
            List.of());
    return new SplitTopology(free, 3, TestJob.INITIAL, TestJob.START);
  }

  @Test
  void causeThatMovingDoesNotCureIsToldToTheOperator() {
    RecoveryPlan plan =
        planned(
            TestJob.diagnosis(
                7, 0, ComponentId.of(TestJob.DEVICE), Cause.LABEL_DRIFT, 1, FADED, FADED));
    assertThat(plan.action().kind()).isEqualTo("notify-operator");
    assertThat(plan.reason()).startsWith("label-drift at device: moving layers does not help");
  }

  @Test
  void longIncidentIdsGiveValidAndDistinctActionIds() {
    String name = "x".repeat(62);
    Diagnosis first = withIncident(new IncidentId(name + "1"));
    Diagnosis second = withIncident(new IncidentId(name + "2"));
    assertThat(Planner.actionId(first)).isNotEqualTo(Planner.actionId(second));
    assertThat(Planner.undoId(Planner.actionId(first)).value()).hasSizeLessThanOrEqualTo(63);
  }

  private static Diagnosis withIncident(IncidentId id) {
    Incident i = TestJob.incident(Incident.Phase.OPEN, 7, List.of(), FADED, FADED);
    Incident renamed =
        new Incident(
            id,
            i.job(),
            i.phase(),
            i.interval(),
            i.openedInterval(),
            i.onsetInterval(),
            i.at(),
            i.epoch(),
            i.risks(),
            i.silent(),
            i.now(),
            i.expected());
    return new Diagnosis(renamed, 0, List.of(), List.of(), "", "statistics");
  }
}
