package io.foresplit.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.foresplit.contract.ActionId;
import io.foresplit.contract.ActionOutcome;
import io.foresplit.contract.IncidentId;
import io.foresplit.contract.JournalEntry;
import io.foresplit.contract.OperatorCommand.Mode;
import io.foresplit.contract.Placement;
import io.foresplit.contract.RecoveryAction.MoveLayers;
import io.foresplit.contract.RecoveryPlan;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PlanGuardTest {
  private static final Placement TARGET =
      new StepTimePlanner().best(TestJob.SPEC, TestJob.uplink(0.05));
  private static final Instant NOW = TestJob.end(1_000);

  private final PlanGuard guard =
      new PlanGuard(
          new RecoveryConfig.Limits(0.5, Duration.ofSeconds(6), 2, 3, Duration.ofSeconds(30)));
  private final JournalState journal = new JournalState();
  private long offset;

  private static RecoveryPlan plan(String id, long epoch, Placement to) {
    return new RecoveryPlan(
        new ActionId(id),
        TestJob.ID,
        TestJob.INCIDENT,
        epoch,
        1_000,
        new MoveLayers(TestJob.INITIAL, to),
        0.5,
        0.2,
        "because");
  }

  private void failed(String id, String incident, Instant at) {
    RecoveryPlan p = plan(id, 0, TARGET);
    RecoveryPlan of =
        new RecoveryPlan(
            p.actionId(), p.job(), new IncidentId(incident), 0, 0, p.action(), 0.5, 0.2, "");
    journal.apply(new JournalEntry.Intended(TestJob.ID, at, of), offset++);
    journal.apply(new JournalEntry.Failed(TestJob.ID, at, of.actionId(), "no"), offset++);
    journal.apply(
        new JournalEntry.Closed(
            TestJob.ID,
            at,
            of.actionId(),
            new ActionOutcome(of, ActionOutcome.Result.FAILED, 0, 0, 0.5, 0.5, "no")),
        offset++);
  }

  private Optional<Decision> permit(RecoveryPlan plan, long epoch) {
    return guard.permit(
        plan, NOW, TestJob.topology(epoch, TestJob.INITIAL), journal, Mode.AUTOMATIC);
  }

  @Test
  void permitsWhatNothingSpeaksAgainst() {
    assertThat(permit(plan("act-1", 0, TARGET), 0)).isEmpty();
  }

  @Test
  void vetoesAStaleEpoch() {
    assertThat(permit(plan("act-1", 3, TARGET), 4))
        .contains(new Decision.Decline("stale epoch: planned on 3, in force is 4"));
  }

  @Test
  void waitsWhileTheLogIsBehindThePlacement() {
    Optional<Decision> veto =
        guard.admit(
            TestJob.fade(10, 0, TestJob.HEALTHY, TestJob.HEALTHY),
            TestJob.tick(10, 3),
            TestJob.topology(4, TestJob.INITIAL),
            journal);
    assertThat(veto)
        .contains(
            new Decision.Later(
                "stale epoch: the placement known is of epoch 4, the interval of 3,"
                    + " the incident of 0"));
  }

  @Test
  void vetoesAPlacementThatBreaksTheJob() {
    Placement raw = new Placement(Collections.nCopies(7, TestJob.CLOUD));
    assertThat(permit(plan("act-1", 0, raw), 0).orElseThrow())
        .isInstanceOfSatisfying(
            Decision.Decline.class,
            decline -> assertThat(decline.reason()).contains("must stay on the data owner device"));
  }

  @Test
  void vetoesASecondActionWhileOneIsOpen() {
    journal.apply(new JournalEntry.Intended(TestJob.ID, NOW, plan("act-0", 0, TARGET)), offset++);
    assertThat(
            guard.admit(
                TestJob.fade(10, 0, TestJob.HEALTHY, TestJob.HEALTHY),
                TestJob.tick(10, 0),
                TestJob.topology(0, TestJob.INITIAL),
                journal))
        .contains(new Decision.Later("action act-0 is still open"));
  }

  @Test
  void vetoesMoreActionsThanAnIncidentMayHave() {
    failed("act-1", "inc-1", NOW.minusSeconds(90));
    failed("act-2", "inc-1", NOW.minusSeconds(60));
    assertThat(permit(plan("act-3", 0, TARGET), 0))
        .contains(new Decision.Decline("incident inc-1 has had its 2 actions"));
  }

  @Test
  void putsOffMoreActionsThanAnHourMayHave() {
    failed("act-0", "inc-7", NOW.minusSeconds(3_700));
    failed("act-1", "inc-8", NOW.minusSeconds(90));
    failed("act-2", "inc-9", NOW.minusSeconds(60));
    assertThat(permit(plan("act-4", 0, TARGET), 0)).isEmpty();
    failed("act-3", "inc-9", NOW.minusSeconds(30));
    assertThat(permit(plan("act-4", 0, TARGET), 0))
        .contains(new Decision.Later("3 actions within an hour, at most 3"));
  }

  @Test
  void putsOffWhileCoolingDown() {
    failed("act-1", "inc-9", NOW.minusSeconds(5));
    assertThat(permit(plan("act-2", 0, TARGET), 0))
        .contains(new Decision.Later("cooling down until " + NOW.plusSeconds(1)));
  }
}
