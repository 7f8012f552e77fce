package io.foresplit.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.foresplit.contract.ActionId;
import io.foresplit.contract.ActionOutcome;
import io.foresplit.contract.ActionOutcome.Result;
import io.foresplit.contract.Cause;
import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Conditions;
import io.foresplit.contract.Diagnosis;
import io.foresplit.contract.ForecastPace;
import io.foresplit.contract.Incident;
import io.foresplit.contract.JobId;
import io.foresplit.contract.JobRecord;
import io.foresplit.contract.JournalEntry;
import io.foresplit.contract.OperatorCommand;
import io.foresplit.contract.OperatorCommand.Mode;
import io.foresplit.contract.OperatorCommand.SetMode;
import io.foresplit.contract.SegmentMetrics;
import io.foresplit.contract.SplitTopology;
import io.foresplit.contract.TrainingRuntime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class RecoveryStageTest {
  private static final Conditions FADED = TestJob.uplink(0.05);

  private final Loop loop = Loop.healthy();

  /** Takes the lease, fences, and measures a healthy phase. */
  private Loop ready() {
    return loop.run(20);
  }

  private void fadeAt(long onset) {
    loop.conditions = interval -> interval < onset ? TestJob.HEALTHY : FADED;
  }

  @Test
  void everyKindOfRecordOfTheLogIsTakenAndOnlyATickDecides() {
    RecoveryStage stage = new RecoveryStage(RecoveryConfig.defaults(), new StepTimePlanner());
    JobId job = TestJob.SPEC.id();
    List<JobRecord> records =
        List.of(
            new SplitTopology(TestJob.SPEC, 0, TestJob.INITIAL, Instant.EPOCH),
            new SegmentMetrics(job, TestJob.SPEC.nodes().get(0).id(), 0, 1, 1, List.of()),
            new ForecastPace(job, 1, 16),
            TestJob.tick(1, 0));
    assertThat(records.stream().map(Object::getClass))
        .containsExactlyInAnyOrder(JobRecord.class.getPermittedSubclasses());

    assertThat(records.stream().map(each -> stage.on(each).isEmpty()))
        .containsExactly(true, true, true, false);
  }

  @Test
  void forecastFadeIsMovedAwayFromAndVerified() {
    ready();
    fadeAt(26);
    loop.tellFade(0, FADED).run(40);

    assertThat(loop.ends()).containsExactly(Result.HELPED);
    ActionOutcome outcome = loop.outcomes().get(0);
    assertThat(outcome.stepSecondsBefore())
        .isCloseTo(
            new StepTimePlanner().predict(TestJob.SPEC, TestJob.INITIAL, TestJob.HEALTHY),
            Offset.offset(1e-9));
    assertThat(outcome.stepSecondsAfter())
        .isEqualTo(outcome.plan().predictedAfterSeconds())
        .isLessThan(outcome.plan().predictedBeforeSeconds() * 0.9);
    assertThat(outcome.pauseMillis()).isEqualTo(120);
    assertThat(loop.runtime.topology().placement())
        .isEqualTo(new StepTimePlanner().best(TestJob.SPEC, FADED));
    assertThat(loop.journal)
        .extracting(entry -> entry.getClass().getSimpleName())
        .containsExactly("LeaseTaken", "Intended", "Executed", "Closed");
  }

  @Test
  void diagnosisIsDecidedOnAfterTheTickOfItsInterval() {
    ready();
    loop.tell(TestJob.fade(loop.interval + 3, 0, TestJob.HEALTHY, FADED)).run(4);
    assertThat(loop.entries(JournalEntry.Intended.class)).isEmpty();
    loop.run(1);
    assertThat(loop.entries(JournalEntry.Intended.class)).hasSize(1);
  }

  @Test
  void labelDriftIsToldOnceAndNothingIsMoved() {
    ready();
    for (int revision = 0; revision < 3; revision++) {
      loop.tell(
              TestJob.diagnosis(
                  loop.interval,
                  revision,
                  ComponentId.of(TestJob.DEVICE),
                  Cause.LABEL_DRIFT,
                  0.8,
                  TestJob.HEALTHY,
                  FADED))
          .run(2);
    }
    assertThat(loop.ends()).containsExactly(Result.NOTIFIED);
    assertThat(loop.runtime.calls()).isEmpty();
    assertThat(loop.declined).containsOnly("the operator was told before");
  }

  @Test
  void silentNodeIsToldSinceItsLayersCannotBeRead() {
    ready();
    Incident incident =
        TestJob.incident(Incident.Phase.OPEN, loop.interval, List.of(TestJob.EDGE), FADED, FADED);
    loop.tell(
            new Diagnosis(
                incident,
                0,
                TestJob.diagnosis(
                        0, 0, ComponentId.of(TestJob.EDGE), Cause.NODE_LOSS, 0.9, FADED, FADED)
                    .ranked(),
                List.of(),
                "",
                "statistics"))
        .run(3);
    assertThat(loop.ends()).containsExactly(Result.NOTIFIED);
    assertThat(loop.outcomes().get(0).detail()).contains("edge", "silent");
  }

  @Test
  void unsureDiagnosisIsNotActedOn() {
    ready();
    loop.tell(
            TestJob.diagnosis(
                loop.interval, 0, TestJob.UPLINK, Cause.UPLINK_FADE, 0.4, TestJob.HEALTHY, FADED))
        .run(3);
    assertThat(loop.entries(JournalEntry.Intended.class)).isEmpty();
    assertThat(loop.declined)
        .containsExactly("the top cause uplink-fade has probability 0.40, at least 0.50 is needed");
  }

  @Test
  void observeModeHoldsBackUntilAutomaticAgain() {
    ready();
    OperatorCommand observe = new SetMode(TestJob.ID, TestJob.START, Mode.OBSERVE);
    loop.tell(observe).tellFade(0, FADED).run(5);
    assertThat(loop.entries(JournalEntry.Intended.class)).isEmpty();
    assertThat(loop.declined).containsExactly("the operator set the mode to OBSERVE");
    loop.tell(new SetMode(TestJob.ID, TestJob.START, Mode.AUTOMATIC)).run(1);
    assertThat(loop.entries(JournalEntry.Intended.class)).hasSize(1);
  }

  @Test
  void settledConditionsAreReplannedAfterTheCoolDown() {
    ready();
    Conditions half = TestJob.uplink(0.15);
    Conditions deep = TestJob.uplink(0.02);
    loop.conditions = interval -> interval < 26 ? TestJob.HEALTHY : interval < 34 ? half : deep;
    loop.tellFade(0, half).run(12);
    loop.tell(TestJob.fade(loop.interval, 1, deep, deep)).run(60);

    assertThat(loop.ends()).containsExactly(Result.HELPED, Result.HELPED);
    assertThat(loop.declined).anyMatch(reason -> reason.startsWith("cooling down until"));
    List<JournalEntry.Intended> intents = loop.entries(JournalEntry.Intended.class).toList();
    JournalEntry.Closed first = loop.entries(JournalEntry.Closed.class).findFirst().orElseThrow();
    assertThat(Duration.between(first.at(), intents.get(1).at())).isEqualTo(Duration.ofSeconds(6));
    assertThat(loop.runtime.topology().placement())
        .isEqualTo(new StepTimePlanner().best(TestJob.SPEC, deep));
  }

  @Test
  void outdatedDiagnosisIsDropped() {
    ready();
    loop.tell(TestJob.fade(loop.interval - 70, 0, TestJob.HEALTHY, FADED)).run(2);
    assertThat(loop.declined).containsExactly("the diagnosis is PT35S old, at most PT30S");
  }

  @Test
  void moveThatDoesNotHelpIsUndoneAndNotTriedAgain() {
    ready();
    loop.surprise = placement -> placement.equals(TestJob.INITIAL) ? 1 : 5;
    loop.tellFade(0, FADED).run(30);
    assertThat(loop.ends()).containsExactly(Result.UNDONE);
    assertThat(loop.runtime.topology().placement()).isEqualTo(TestJob.INITIAL);
    assertThat(loop.runtime.topology().epoch()).isEqualTo(2);
    assertThat(loop.outcomes().get(0).pauseMillis()).isEqualTo(240);

    loop.tell(TestJob.fade(loop.interval, 1, TestJob.HEALTHY, FADED)).run(20);
    assertThat(loop.ends()).containsExactly(Result.UNDONE);
    assertThat(loop.declined).anyMatch(reason -> reason.endsWith("was undone before"));
  }

  @Test
  void moveIsKeptWhenItCannotBeUndone() {
    ready();
    loop.surprise = placement -> placement.equals(TestJob.INITIAL) ? 1 : 5;
    loop.runtime.then(FakeRuntime.Script.COMMIT, FakeRuntime.Script.ABORT);
    loop.tellFade(0, FADED).run(30);
    assertThat(loop.ends()).containsExactly(Result.KEPT);
    assertThat(loop.outcomes().get(0).detail()).contains("undoing: ABORTED: checksum");
  }

  @Test
  void moveIsKeptWhenGoingBackIsNoBetter() {
    ready();
    fadeAt(20);
    loop.surprise = placement -> placement.equals(TestJob.INITIAL) ? 1 : 1.6;
    loop.tellFade(0, FADED).run(30);
    assertThat(loop.ends()).containsExactly(Result.KEPT);
    assertThat(loop.outcomes().get(0).detail()).contains("not worth a move");
  }

  @Test
  void refusedMoveFailsAndLeavesTheOldPlacement() {
    ready();
    loop.runtime.then(FakeRuntime.Script.REFUSE);
    loop.tellFade(0, FADED).run(10);
    assertThat(loop.ends()).containsExactly(Result.FAILED);
    assertThat(loop.outcomes().get(0).detail()).isEqualTo("REFUSED: not now");
    assertThat(loop.runtime.topology().epoch()).isZero();
  }

  @Test
  void lostRequestIsSentAgainUnderTheSameId() {
    ready();
    loop.runtime.then(FakeRuntime.Script.LOSE_REQUEST);
    loop.tellFade(0, FADED).run(40);
    assertThat(loop.runtime.calls()).hasSize(2).containsOnly(loop.runtime.commits().get(0));
    assertThat(loop.ends()).containsExactly(Result.HELPED);
  }

  @Test
  void lostAnswerIsAskedForAndTheMoveIsNotRepeated() {
    ready();
    loop.runtime.then(FakeRuntime.Script.SLOW);
    loop.tellFade(0, FADED).run(40);
    assertThat(loop.runtime.calls()).hasSize(1);
    assertThat(loop.ends()).containsExactly(Result.HELPED);
  }

  @Test
  void unreachableRuntimeIsAskedAgainUntilItAnswers() {
    loop.runtime.reachable(false);
    loop.run(10).tellFade(0, FADED).run(5);
    assertThat(loop.entries(JournalEntry.Intended.class)).isEmpty();
    loop.runtime.reachable(true);
    loop.run(40);
    assertThat(loop.ends()).containsExactly(Result.HELPED);
  }

  @Test
  void newControllerFencesTheOldOneOff() throws Exception {
    ready();
    loop.restart();
    loop.run(5);
    List<JournalEntry.LeaseTaken> leases = loop.entries(JournalEntry.LeaseTaken.class).toList();
    assertThat(leases).hasSize(2);
    long oldTerm = loop.journal.indexOf(leases.get(0));
    assertThat(
            loop.runtime
                .move(
                    TestJob.ID,
                    new ActionId("late"),
                    oldTerm,
                    0,
                    new StepTimePlanner().best(TestJob.SPEC, FADED))
                .state())
        .isEqualTo(TrainingRuntime.State.REFUSED);
  }

  @Test
  void epochFromElsewhereEndsVerification() throws Exception {
    ready();
    loop.tellFade(0, FADED).run(5);
    loop.runtime.fence(TestJob.ID, 1_000);
    loop.runtime.move(TestJob.ID, new ActionId("other"), 1_000, 1, TestJob.INITIAL);
    loop.run(3);
    assertThat(loop.ends()).containsExactly(Result.KEPT);
    assertThat(loop.outcomes().get(0).detail()).contains("epoch 2 came from elsewhere");
  }
}
