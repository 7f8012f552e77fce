package io.foresplit.runtime.coordinator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.foresplit.contract.JobId;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.LayerProfile;
import io.foresplit.contract.LinkSpec;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.NodeSpec;
import io.foresplit.contract.Placement;
import io.foresplit.runtime.coordinator.PreCopyDecision.Decision;
import io.foresplit.runtime.coordinator.PreCopyDecision.Next;
import io.foresplit.runtime.coordinator.PreCopyDecision.Rounds;
import io.foresplit.runtime.coordinator.PreCopyDecision.Verdict;
import io.foresplit.runtime.proto.CopyProgress;
import io.foresplit.runtime.tensor.Optimiser;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class PreCopyDecisionTest {
  private static final MovePolicy POLICY = MovePolicy.standard();

  /** 20 MB of state, 100 kB a step, 20 Mbit/s, 15 ms, a step each 100 ms, replay in 10 ms. */
  private static final CopyEstimate ESTIMATE =
      new CopyEstimate(20_000_000, 100_000, 2.5e6, 0.015, 0.1, 0.01, 0.08);

  @Test
  void whatShortensThePauseIsCopiedWhileTrainingGoesOn() {
    Decision decision = PreCopyDecision.before(POLICY, ESTIMATE);

    assertThat(decision.verdict()).isEqualTo(Verdict.WAIT);
    // 8 s for the snapshot; steps take 0.4 of the link
    assertThat(decision.why()).isEqualTo("13.3 s are expected");
  }

  @Test
  void whatCannotCatchUpIsNotBegun() {
    assertThat(before(20_000_000, 250_000, 0.1, 0.01, 0.08))
        .isEqualTo(
            "steps need 1.00 of the link and 0.13 of the target's idle time, more than 0.80");
    assertThat(before(20_000_000, 1_000, 0.1, 0.07, 0.08))
        .isEqualTo(
            "steps need 0.00 of the link and 0.88 of the target's idle time, more than 0.80");
    assertThat(before(20_000_000, 1_000, 0.1, 0.07, -0.01)).contains("Infinity of the target's");
    assertThat(before(400_000, 400_000, 0.5, 0.01, 0.3))
        .isEqualTo("the last step would hold training for 0.185 s, the state for 0.182 s");
    assertThat(before(500_000_000, 1_000, 0.1, 0.01, 0.08)).isEqualTo("it would take 229 s");
    MovePolicy thrifty =
        new MovePolicy(
            true, 0.8, 1, 3, Duration.ofMinutes(1), Duration.ofSeconds(1), Duration.ofMillis(1));
    assertThat(PreCopyDecision.before(thrifty, ESTIMATE).why())
        .isEqualTo("33333333 bytes would be sent for a state of 20000000");
    assertThat(PreCopyDecision.before(MovePolicy.stopAndCopy(), ESTIMATE))
        .isEqualTo(new Decision(Verdict.STOP_AND_COPY, "as configured"));
  }

  @Test
  void anUnknownRateOfStepsIsLeftToMeasurement() {
    CopyEstimate unknown = new CopyEstimate(20_000_000, 100_000, 2.5e6, 0.015, 0, 0.01, 0.08);

    assertThat(PreCopyDecision.before(POLICY, unknown).verdict()).isEqualTo(Verdict.WAIT);
  }

  @Test
  void aTargetThatIsAtMostOneStepBehindIsCutOver() {
    assertThat(during(Rounds.NONE, source(50, 1), target(49, true)).decision())
        .isEqualTo(new Decision(Verdict.CUT_OVER, "1 steps behind"));
    assertThat(during(Rounds.NONE, source(50, 1), target(49, false)).decision().verdict())
        .isEqualTo(Verdict.WAIT);
  }

  @Test
  void roundsThatShrinkGoOnAndRoundsThatDoNotAreGivenUp() {
    Next first = during(Rounds.NONE, source(50, 1), target(10, true));
    assertThat(first.rounds()).isEqualTo(new Rounds(1, 50, 40, 0));
    assertThat(first.decision().verdict()).isEqualTo(Verdict.WAIT);
    // the round is not over: nothing is concluded
    Next within = during(first.rounds(), source(60, 2), target(30, true));
    assertThat(within.rounds()).isEqualTo(first.rounds());

    assertThat(during(first.rounds(), source(70, 2), target(50, true)).decision())
        .isEqualTo(new Decision(Verdict.WAIT, "round 2"));
    Next second = during(first.rounds(), source(90, 2), target(50, true));
    assertThat(second.decision()).isEqualTo(new Decision(Verdict.WAIT, "round 2"));
    Next third = during(second.rounds(), source(130, 2), target(90, true));
    assertThat(third.decision()).isEqualTo(new Decision(Verdict.WAIT, "round 3"));
    assertThat(during(third.rounds(), source(170, 2), target(130, true)).decision())
        .isEqualTo(
            new Decision(
                Verdict.STOP_AND_COPY,
                "steps are not replayed as fast as they are done, 40 behind"));
    assertThat(during(new Rounds(12, 50, 40, 0), source(55, 2), target(50, true)).decision().why())
        .isEqualTo("not caught up after 12 rounds");
  }

  @Test
  void aLagThatStaysSmallOnALongLinkIsCutOver() {
    // 4 steps are always under way; replaying them takes far less than sending the state
    assertThat(during(new Rounds(2, 50, 4, 0), source(54, 2), target(50, true)).decision())
        .isEqualTo(new Decision(Verdict.CUT_OVER, "4 steps behind"));
  }

  @Test
  void limitsOfTimeAndBytesAndFailuresEndACopy() {
    assertThat(during(Rounds.NONE, source(50, 121), target(10, true)).decision().why())
        .isEqualTo("not caught up after 121.0 s");
    CopyProgress much =
        source(50, 1).toBuilder().setRecordedBytes(50_000_000).setSentBytes(50_000_000).build();
    assertThat(during(Rounds.NONE, much, target(10, true)).decision().why())
        .isEqualTo("50000000 bytes of steps for a state of 10000000");
    CopyProgress narrow =
        source(50, 1).toBuilder().setRecordedBytes(4_200_000).setSentBytes(5_000_000).build();
    assertThat(during(Rounds.NONE, narrow, target(10, false)).decision().why())
        .isEqualTo("steps bring more bytes than the link takes");
    CopyProgress failed = source(50, 1).toBuilder().setFailure("the link is closed").build();
    assertThat(during(Rounds.NONE, failed, target(50, true)).decision())
        .isEqualTo(new Decision(Verdict.STOP_AND_COPY, "source: the link is closed"));
    CopyProgress damaged = target(50, true).toBuilder().setFailure("chunk 1 came damaged").build();
    assertThat(during(Rounds.NONE, source(50, 1), damaged).decision().why())
        .isEqualTo("target: chunk 1 came damaged");
  }

  @Test
  void anEstimateCountsStateStepsAndWhatTrainingLeavesOfTheLinks() {
    NodeId device = new NodeId("device");
    NodeId edge = new NodeId("edge");
    NodeId cloud = new NodeId("cloud");
    JobSpec job =
        new JobSpec(
            new JobId("job"),
            "model",
            1,
            Duration.ofSeconds(1),
            List.of(
                new LayerProfile("a", 0.01, 0.02, 1_000, 100),
                new LayerProfile("b", 0.01, 0.02, 2_000, 5_000),
                new LayerProfile("c", 0.01, 0.02, 40, 300)),
            List.of(new NodeSpec(device, 1), new NodeSpec(edge, 2), new NodeSpec(cloud, 3)),
            List.of(
                new LinkSpec(device, edge, 1e5, 0.01),
                new LinkSpec(edge, device, 5e4, 0.02),
                new LinkSpec(edge, cloud, 1e6, 0.03),
                new LinkSpec(cloud, edge, 1e6, 0.04)),
            device,
            List.of(cloud),
            1,
            List.of());
    Placement from = new Placement(List.of(device, device, cloud));

    CopyEstimate down =
        CopyEstimate.of(
            job,
            new Optimiser.Adam(1e-3, 0.9, 0.999, 1e-8),
            from,
            new LayerMove.Shift(1, 1, device, cloud),
            0.1);

    assertThat(down.stateBytes()).isEqualTo(15_000);
    assertThat(down.stepBytes()).isEqualTo(3_000);
    // the step sends 2,000 bytes in each 0.1 s: 0.2 of the first link, 0.02 of the second
    assertThat(down.bytesPerSecond()).isCloseTo(8e4, within(1e-6));
    assertThat(down.delaySeconds()).isCloseTo(0.04, within(1e-12));
    assertThat(down.replaySeconds()).isCloseTo(0.01, within(1e-12));
    assertThat(down.idleSeconds()).isCloseTo(0.09, within(1e-12));
    CopyEstimate up =
        CopyEstimate.of(
            job,
            new Optimiser.SgdMomentum(0.1, 0.9),
            from,
            new LayerMove.Shift(2, 2, cloud, edge),
            0.1);
    assertThat(up.stateBytes()).isEqualTo(600);
    assertThat(up.delaySeconds()).isCloseTo(0.04, within(1e-12));
    assertThat(up.idleSeconds()).isCloseTo(0.1, within(1e-12));
  }

  @Test
  void aPolicyThatMakesNoSenseIsRefused() {
    assertThatThrownBy(
            () ->
                new MovePolicy(
                    true, 1, 4, 3, Duration.ofDays(1), Duration.ofDays(1), Duration.ofDays(1)))
        .hasMessage("maxUtilisation must be in (0, 1), was 1.0");
    assertThatThrownBy(
            () ->
                new MovePolicy(
                    true, 0.5, Double.NaN, 3, Duration.ZERO, Duration.ZERO, Duration.ZERO))
        .hasMessage("maxBytesRatio must be finite and at least 1, was NaN");
  }

  private static String before(
      long stateBytes, long stepBytes, double stepSeconds, double replay, double idle) {
    Decision decision =
        PreCopyDecision.before(
            POLICY,
            new CopyEstimate(stateBytes, stepBytes, 2.5e6, 0.015, stepSeconds, replay, idle));
    assertThat(decision.verdict()).isEqualTo(Verdict.STOP_AND_COPY);
    return decision.why();
  }

  private static Next during(Rounds rounds, CopyProgress source, CopyProgress target) {
    return PreCopyDecision.during(POLICY, rounds, source, target);
  }

  private static CopyProgress source(long nextStep, double seconds) {
    return CopyProgress.newBuilder()
        .setNextStep(nextStep)
        .setSeconds(seconds)
        .setSnapshotBytes(10_000_000)
        .setSentBytes(10_000_000)
        .build();
  }

  private static CopyProgress target(long nextStep, boolean installed) {
    return CopyProgress.newBuilder()
        .setNextStep(nextStep)
        .setInstalled(installed)
        .setReplaySeconds(0.05)
        .build();
  }
}
