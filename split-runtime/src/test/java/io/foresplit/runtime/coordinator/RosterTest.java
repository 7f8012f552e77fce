package io.foresplit.runtime.coordinator;

import static io.foresplit.runtime.coordinator.RecoveryPlannerTest.held;
import static org.assertj.core.api.Assertions.assertThat;

import io.foresplit.contract.JobId;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.LayerProfile;
import io.foresplit.contract.LinkSpec;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.NodeSpec;
import io.foresplit.contract.Placement;
import io.foresplit.contract.ReplicationSpec;
import io.foresplit.contract.SplitTopology;
import io.foresplit.runtime.proto.HeldStep;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Heartbeats come every 100 ms; time is passed in. */
class RosterTest {
  private static final NodeId DEVICE = new NodeId("device");
  private static final NodeId CLOUD = new NodeId("cloud");

  private static final JobSpec JOB =
      new JobSpec(
          new JobId("toy"),
          "scaling",
          4,
          Duration.ofMillis(100),
          List.of(
              new LayerProfile("a", 0.001, 0.001, 128, 32),
              new LayerProfile("b", 0.001, 0.001, 128, 32)),
          List.of(new NodeSpec(DEVICE, 1), new NodeSpec(CLOUD, 4)),
          List.of(new LinkSpec(DEVICE, CLOUD, 1e6, 0.001), new LinkSpec(CLOUD, DEVICE, 1e6, 0.001)),
          DEVICE,
          List.of(CLOUD),
          1,
          List.of());

  private long millis;
  private final Roster roster =
      new Roster(
          JOB,
          ReplicationSpec.toNeighbours(20),
          Duration.ofMillis(100),
          () -> new SplitTopology(JOB, 0, new Placement(List.of(DEVICE, CLOUD)), Instant.EPOCH),
          () -> millis * 1_000_000);

  @Test
  void whileTrainingBeginsABeatMayBeLateAndNobodyDiesByTheFirstLook() {
    joinAndBeat(DEVICE, "d1", false);
    joinAndBeat(CLOUD, "c1", false);

    millis = 2_000; // layers were built, and nobody looked meanwhile
    to(2_280);
    assertThat(roster.alive(CLOUD)).isTrue();
    to(2_320);
    assertThat(roster.alive(CLOUD)).isFalse();
    assertThat(roster.alive(DEVICE)).isTrue();
  }

  @Test
  void aNewcomerMayMissBeatsUntilItIsLetIn() {
    joinAndBeat(DEVICE, "d1", false);
    joinAndBeat(CLOUD, "c1", true);
    to(800);
    assertThat(roster.alive(CLOUD)).isTrue();

    roster.welcomed(CLOUD, roster.members());
    to(1_080);
    assertThat(roster.alive(CLOUD)).isTrue();
    to(1_140);
    assertThat(roster.alive(CLOUD)).isFalse();
  }

  /** All have done the passes of step 29, and wait for client layers that are being averaged. */
  @Test
  void aStepThatIsKeptByAllButNotDoneTakesNothingOfThoseBefore() {
    joinAndBeat(DEVICE, "d1", false);
    joinAndBeat(CLOUD, "c1", false);
    List<HeldStep> both = List.of(held(20, 0, 1), held(30, 0, 1));
    assertThat(roster.beat(DEVICE, "d1", both)).isTrue();
    assertThat(roster.beat(CLOUD, "c1", both)).isTrue();

    assertThat(roster.recoveryPoint(29)).isEqualTo(20);
    assertThat(roster.recoveryPoint(30)).isEqualTo(30);
  }

  private void joinAndBeat(NodeId node, String life, boolean underWay) {
    assertThat(roster.join(node, life, underWay)).isEmpty();
    assertThat(roster.beat(node, life, List.of())).isTrue();
  }

  /** Only the device beats. */
  private void to(long end) {
    for (; millis <= end; millis += 20) {
      assertThat(roster.beat(DEVICE, "d1", List.of())).isTrue();
      roster.look();
    }
  }
}
