package io.foresplit.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.foresplit.contract.ActionOutcome;
import io.foresplit.contract.ActionOutcome.Result;
import io.foresplit.contract.Cause;
import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Conditions;
import io.foresplit.contract.Diagnosis;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.OperatorCommand.Mode;
import io.foresplit.contract.OperatorCommand.SetMode;
import io.foresplit.contract.Placement;
import io.foresplit.contract.PlacementPlanner;
import io.foresplit.contract.RecoveryAction;
import io.foresplit.contract.RecoveryAction.MoveLayers;
import io.foresplit.contract.RecoveryAction.NotifyOperator;
import io.foresplit.contract.RecoveryPlan;
import io.foresplit.contract.RecoveryPlan.Proposer;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A move that a language model recommends is a candidate, and nothing more. */
class RecommendedMovesTest {
  /** The edge is slow and recovers while the uplink fades: the planner looks at no such middle. */
  private static final Conditions NOW = conditions(0.6, 20);

  private static final Conditions EXPECTED = conditions(0.02, 1);
  private static final Placement BETTER = TestJob.cuts(6, 6);
  private static final Placement WORSE = TestJob.cuts(3, 3);

  /** Conditions under which no placement that the planner looks at is worth a move. */
  private static final Conditions MILD = conditions(0.8, 1);

  private static final Conditions MILD_EXPECTED = conditions(0.4, 3);

  private final StepTimePlanner placements = new StepTimePlanner();
  private final Loop loop = Loop.healthy().run(20);

  private static Conditions conditions(double uplink, double edge) {
    return TestJob.uplink(uplink).withSlowdown(TestJob.EDGE, edge);
  }

  private static RecoveryAction to(Placement placement) {
    return new MoveLayers(TestJob.INITIAL, placement);
  }

  /** Tells a diagnosis of the current interval in which these actions are recommended. */
  private Loop tell(Conditions now, Conditions expected, RecoveryAction... recommended) {
    loop.conditions = interval -> now;
    return loop.tell(
        TestJob.recommending(TestJob.fade(loop.interval, 0, now, expected), recommended));
  }

  private RecoveryPlan intended() {
    return loop.plans().get(0);
  }

  private double score(RecoveryPlan plan) {
    Placement target = ((MoveLayers) plan.action()).to();
    return placements.predict(TestJob.SPEC, target, NOW)
        + placements.predict(TestJob.SPEC, target, EXPECTED);
  }

  @Test
  void betterMoveWinsAndIsVerifiedLikeAnyOther() {
    Loop alone = Loop.healthy().run(20);
    alone.conditions = interval -> NOW;
    alone.tellFade(0, EXPECTED).run(2);
    tell(NOW, EXPECTED, to(WORSE), to(BETTER)).run(40);

    assertThat(intended().action()).isEqualTo(to(BETTER));
    assertThat(intended().proposer()).isEqualTo(Proposer.LANGUAGE_MODEL);
    assertThat(score(intended())).isLessThan(score(alone.plans().get(0)));
    assertThat(loop.ends()).containsExactly(Result.HELPED);
    assertThat(loop.recommended)
        .containsExactly(new Effect.Recommended(TestJob.ID, TestJob.INCIDENT, 0, 1, true));
  }

  @Test
  void worseMoveLoses() {
    tell(NOW, EXPECTED, to(WORSE)).run(2);
    assertThat(intended().proposer()).isEqualTo(Proposer.PLANNER);
    assertThat(loop.recommended)
        .containsExactly(new Effect.Recommended(TestJob.ID, TestJob.INCIDENT, 0, 1, false));
  }

  @Test
  void equallyGoodMoveLosesToThePlanners() {
    Placement own = placements.best(TestJob.SPEC, EXPECTED);
    PlacementPlanner same =
        new PlacementPlanner() {
          @Override
          public Placement best(JobSpec job, Conditions conditions) {
            return own;
          }

          @Override
          public double predict(JobSpec job, Placement placement, Conditions conditions) {
            double seconds =
                placements.predict(job, placement.equals(BETTER) ? own : placement, conditions);
            return placement.equals(BETTER) ? seconds * (1 - 1e-12) : seconds;
          }

          @Override
          public double moveSeconds(
              JobSpec job, Placement from, Placement to, Conditions conditions) {
            return placements.moveSeconds(job, from, to, conditions);
          }
        };
    Planner planner = new Planner(RecoveryConfig.Planning.defaults(), same);
    Diagnosis diagnosis = TestJob.fade(7, 0, TestJob.uplink(0.02), TestJob.uplink(0.02));
    for (Placement recommended : List.of(own, BETTER)) {
      Decision decision =
          planner.plan(diagnosis, TestJob.topology(0, TestJob.INITIAL), 7, List.of(recommended));
      RecoveryPlan plan = ((Decision.Act) decision).plan();
      assertThat(plan.action()).isEqualTo(to(own));
      assertThat(plan.proposer()).isEqualTo(Proposer.PLANNER);
    }
  }

  @Test
  void moveFromElsewhereOrAgainstTheRulesIsNotWeighed() {
    tell(
            NOW,
            EXPECTED,
            new MoveLayers(WORSE, BETTER),
            to(TestJob.cuts(0, 6)),
            to(TestJob.cuts(7, 7)),
            to(new Placement(List.of(TestJob.DEVICE))))
        .run(2);
    assertThat(intended().proposer()).isEqualTo(Proposer.PLANNER);
    assertThat(loop.recommended)
        .containsExactly(new Effect.Recommended(TestJob.ID, TestJob.INCIDENT, 4, 0, false));
  }

  @Test
  void planIsMadeOfARecommendationOnlyWhenNothingSpeaksAgainstIt() {
    tell(MILD, MILD_EXPECTED).run(2);
    assertThat(loop.declined).hasSize(1);
    tell(MILD, MILD_EXPECTED, to(TestJob.cuts(5, 6))).run(2);
    assertThat(loop.plans()).isEmpty();
    assertThat(loop.declined.get(1)).as("reason").isEqualTo(loop.declined.get(0));

    loop.tell(new SetMode(TestJob.ID, TestJob.START, Mode.OBSERVE));
    tell(MILD, MILD_EXPECTED, to(TestJob.cuts(4, 4))).run(2);
    assertThat(loop.plans()).isEmpty();
    loop.tell(new SetMode(TestJob.ID, TestJob.START, Mode.AUTOMATIC)).run(1);
    assertThat(intended().proposer()).isEqualTo(Proposer.LANGUAGE_MODEL);
  }

  @Test
  void recommendationOvercomesNoLimitOfTheGuard() {
    Diagnosis unsure =
        TestJob.diagnosis(loop.interval, 0, TestJob.UPLINK, Cause.UPLINK_FADE, 0.4, NOW, EXPECTED);
    loop.tell(TestJob.recommending(unsure, to(BETTER))).run(2);
    assertThat(loop.plans()).isEmpty();
    assertThat(loop.declined).hasSize(1);
  }

  @Test
  void moveThatWasUndoneLeavesThePlannersMove() {
    loop.surprise = placement -> placement.equals(BETTER) ? 5 : 1;
    tell(NOW, EXPECTED, to(BETTER)).run(40);
    assertThat(loop.ends()).containsExactly(Result.UNDONE);

    tell(NOW, EXPECTED, to(BETTER)).run(2);
    assertThat(loop.plans()).hasSize(2);
    assertThat(loop.plans().get(1).proposer()).isEqualTo(Proposer.PLANNER);
  }

  @Test
  void operatorIsToldOnceAndInWordsThatAreMarkedCleanedAndBounded() {
    for (int round = 0; round < 2; round++) {
      Diagnosis drift =
          TestJob.diagnosis(
              loop.interval,
              0,
              ComponentId.of(TestJob.DEVICE),
              Cause.LABEL_DRIFT,
              0.9,
              NOW,
              EXPECTED);
      String text = "look\u001b[31m \"at\"\n<b>batch " + round + "</b> " + "x".repeat(5_000);
      loop.tell(TestJob.recommending(drift, new NotifyOperator(text), to(BETTER))).run(2);
    }
    assertThat(loop.ends()).containsExactly(Result.NOTIFIED);
    ActionOutcome outcome = loop.outcomes().get(0);
    assertThat(outcome.plan().proposer()).isEqualTo(Proposer.PLANNER);
    assertThat(outcome.detail())
        .startsWith("label-drift at device: moving layers does not help")
        .contains("; the language model adds: \"look [31m at b batch 0 /b xxx")
        .hasSizeLessThan(400);
  }

  @Test
  void wishToTellTheOperatorReplacesNoMove() {
    tell(NOW, EXPECTED, new NotifyOperator("do nothing")).run(2);
    assertThat(intended().action()).isInstanceOf(MoveLayers.class);
    assertThat(intended().reason()).doesNotContain("do nothing");
  }
}
