package io.foresplit.app.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.foresplit.app.service.VirtualRun.Interval;
import io.foresplit.contract.ActionOutcome;
import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Incident;
import io.foresplit.contract.JournalEntry;
import io.foresplit.runtime.sim.Disturbance;
import io.foresplit.runtime.sim.DisturbanceKind;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A fading link, first in virtual time and then, with the same log, through Kafka and the program's
 * {@code serve}: incidents, causes and actions are the same records in the same order, each once,
 * also when the service is killed on the way. The ticks lie hours ahead of the clock, so that
 * recovery does not take them for a backlog.
 *
 * <p>Incidents and causes follow from the log alone, so they are the same wherever the service is
 * killed. Recovery that has been started again takes its lease on one tick and fences on the next,
 * so an action that falls due on just these two comes later; the kills here leave it that time, but
 * for the one of a move under way, which says what differs.
 */
@Timeout(240)
class VirtualTimeOnKafkaTest {
  static final String JOB =
      """
      id: replayed
      model: lenet
      optimiser: { name: sgd-momentum, learningRate: 0.02 }
      batchSize: 32
      interval: 5 s
      nodes:
        - { id: device, speed: 0.5 }
        - { id: edge, speed: 0.8 }
        - { id: cloud, speed: 1.5 }
      links:
        - { between: [device, edge], up: 50 Mbit/s, down: 100 Mbit/s, delay: 2 ms }
        - { between: [edge, cloud], up: 40 Mbit/s, down: 80 Mbit/s, delay: 5 ms }
      dataOwner: device
      labelHolders: [edge, cloud]
      minOwnerLayers: 1
      objectives:
        - { id: step-time, metric: step-seconds, bound: 280 ms, duration: 15 s, severity: critical }
        - { id: loss, metric: loss, bound: 1.4, duration: 15 s, severity: warning }
      """;

  private static final int INTERVALS = 240;
  private static VirtualRun run;

  /** The intervals, counted from 0, in which it happens. */
  private static int opened;

  private static int executed;
  private static int closed;

  @TempDir private Path folder;

  @BeforeAll
  static void runInVirtualTime() throws Exception {
    run =
        VirtualRun.of(
            JOB,
            Instant.now().truncatedTo(ChronoUnit.HOURS).plus(6, ChronoUnit.HOURS),
            1,
            INTERVALS,
            Disturbance.lasting(
                DisturbanceKind.UPLINK_FADE, new ComponentId("device->edge"), 600, 300, 8));
    opened = run.first(Interval::incidents, i -> i.phase() == Incident.Phase.OPEN);
    executed = run.first(Interval::journal, JournalEntry.Executed.class::isInstance);
    closed =
        run.first(
            Interval::journal,
            entry ->
                entry instanceof JournalEntry.Closed over
                    && over.outcome().result() == ActionOutcome.Result.HELPED);
    assertThat(List.of(opened, executed, closed)).isSorted().doesNotHaveDuplicates();
    assertThat(run.intervals().get(opened).diagnoses()).isNotEmpty();
    assertThat(run.intervals().get(executed).journal())
        .hasAtLeastOneElementOfType(JournalEntry.Intended.class);
    assertThat(run.all(Interval::incidents))
        .extracting(Incident::phase)
        .contains(Incident.Phase.UPDATED, Incident.Phase.RESOLVED);
  }

  @Test
  void theServiceDecidesWhatVirtualTimeDecides() throws Exception {
    try (Replay replay = new Replay(run, folder)) {
      replay.replayTo(INTERVALS);

      replay.assertSame();
      assertThat(replay.coordinator().terms()).hasSize(1);
    }
  }

  /**
   * Killed between an incident and its diagnosis, when a move is done, and while it is verified: in
   * the middle of an interval, with the log going on while there is no service.
   */
  @Test
  void aServiceThatIsKilledDecidesTheSameOnce() throws Exception {
    try (Replay replay = new Replay(run, folder)) {
      replay.replayTo(opened);
      replay.awaitFence();
      replay.publish();
      replay.await(() -> replay.topics().decided() > 0, "the incident");
      replay.kill();
      replay.startAgain();

      replay.replayTo(executed + 1);
      replay.kill();
      replay.startAgain();

      replay.replayTo((executed + closed) / 2);
      replay.awaitFence();
      replay.publishOpenInterval();
      replay.kill();
      replay.publishTick();
      while (replay.published() < closed) {
        replay.publish();
      }
      replay.startAgain();
      replay.replayTo(INTERVALS);

      replay.assertSame();
      assertThat(replay.coordinator().terms()).hasSize(4).isSorted().doesNotHaveDuplicates();
    }
  }

  /**
   * Killed after the runtime has begun a move and before it has answered. The next controller takes
   * its lease on the first tick, fences on the second and asks on the third, so it learns three
   * intervals later than in virtual time that the move is done, and measures its effect so much
   * later. Nothing else differs.
   */
  @Test
  void aMoveUnderWayWhenTheServiceIsKilledIsDoneOnceAndJudgedAlike() throws Exception {
    int late = 3;
    try (Replay replay = new Replay(run, folder)) {
      RecordedCoordinator coordinator = replay.coordinator();
      List<JournalEntry> journal = replay.topics().journal();
      replay.replayTo(executed);
      replay.awaitHolder();
      coordinator.fallSilent();
      replay.publish();
      replay.await(() -> !coordinator.accepted().isEmpty(), "the move");
      replay.kill();
      coordinator.answerAgain();
      replay.startAgain();
      replay.publish();
      replay.publish();
      replay.awaitHolder();
      replay.publish();
      replay.await(() -> journal.size() == 2, "the answer");
      while (replay.published() <= closed + late) {
        replay.publish();
      }
      replay.await(() -> journal.size() == 3, "the end of the action");
      replay.awaitQuiet();

      Duration later = run.job().interval().multipliedBy(late);
      List<JournalEntry> wanted = run.all(Interval::journal).subList(0, 3);
      JournalEntry.Executed done = (JournalEntry.Executed) wanted.get(1);
      JournalEntry.Closed over = (JournalEntry.Closed) wanted.get(2);
      assertThat(journal)
          .startsWith(
              wanted.get(0),
              new JournalEntry.Executed(
                  done.job(),
                  done.at().plus(later),
                  done.action(),
                  done.epoch(),
                  done.pauseMillis()))
          .hasSize(3);
      assertThat(journal.get(2))
          .isInstanceOfSatisfying(
              JournalEntry.Closed.class,
              entry -> {
                assertThat(entry.at()).isEqualTo(over.at().plus(later));
                assertThat(entry.action()).isEqualTo(over.action());
                assertThat(entry.outcome().plan()).isEqualTo(over.outcome().plan());
                assertThat(entry.outcome().result()).isEqualTo(over.outcome().result());
                assertThat(entry.outcome().pauseMillis()).isEqualTo(over.outcome().pauseMillis());
              });
      assertThat(coordinator.accepted()).containsExactly(done.action());
      assertThat(replay.topics().incidents())
          .isEqualTo(run.before(replay.published(), Interval::incidents));
      assertThat(replay.topics().diagnoses())
          .isEqualTo(run.before(replay.published(), Interval::diagnoses));
    }
  }
}
