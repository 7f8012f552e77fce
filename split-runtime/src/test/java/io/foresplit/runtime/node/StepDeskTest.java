package io.foresplit.runtime.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.foresplit.contract.JobId;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.LayerProfile;
import io.foresplit.contract.LinkSpec;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.NodeSpec;
import io.foresplit.contract.Placement;
import io.foresplit.contract.TrainingScheme;
import io.foresplit.contract.TrainingScheme.Mode;
import io.foresplit.contract.TrainingScheme.Sharding;
import io.foresplit.runtime.proto.Activation;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What a server's segment lets in when two of three clients are enough for a step. */
class StepDeskTest {
  private static final NodeId ONE = new NodeId("phone-1");
  private static final NodeId TWO = new NodeId("phone-2");
  private static final NodeId THREE = new NodeId("phone-3");
  private static final NodeId EDGE = new NodeId("edge");
  private static final JobSpec JOB =
      new JobSpec(
          new JobId("job"),
          "scaling",
          4,
          Duration.ofMillis(500),
          List.of(new LayerProfile("a", 0.01, 0.02, 8, 8), new LayerProfile("b", 0.01, 0.02, 8, 8)),
          List.of(new NodeSpec(ONE, 1), new NodeSpec(EDGE, 2)),
          List.of(
              link(ONE, EDGE),
              link(EDGE, ONE),
              link(TWO, EDGE),
              link(EDGE, TWO),
              link(THREE, EDGE),
              link(EDGE, THREE)),
          ONE,
          List.of(EDGE),
          1,
          List.of(),
          new TrainingScheme(
              Mode.PARALLEL,
              1,
              List.of(new NodeSpec(TWO, 1), new NodeSpec(THREE, 1)),
              Sharding.IID,
              0,
              0,
              2,
              Duration.ofMillis(10),
              0));
  private final StepDesk desk =
      new StepDesk(JOB, EDGE, Assignment.of(JOB, EDGE, 3, new Placement(List.of(ONE, EDGE))), 7);

  @Test
  void aPassIsTakenFromItsOwnClientAlone() {
    assertThat(desk.isFrom(ONE, Optional.of(ONE), 0)).isTrue();
    assertThat(desk.isFrom(TWO, Optional.of(ONE), 1)).isTrue();
    assertThat(desk.isFrom(TWO, Optional.of(ONE), 2)).isFalse();
    assertThat(desk.isFrom(EDGE, Optional.of(ONE), 1)).isFalse();
    assertThat(desk.isFrom(ONE, Optional.of(ONE), 3)).isFalse();
    assertThat(desk.isFrom(ONE, Optional.of(ONE), -1)).isFalse();
    assertThat(desk.isFrom(ONE, Optional.empty(), 0)).isFalse();
  }

  @Test
  void aPassThatComesAfterItsStepWasClosedIsTooLateAndNoneBefore() {
    OpenStep step = desk.admits(activation(3, 7, 0)).orElseThrow();
    step.begin(0, 4);
    desk.enter(step);
    assertThat(desk.admits(activation(3, 7, 0))).as("again").isEmpty();
    assertThat(desk.admits(activation(3, 8, 1))).as("another step").isEmpty();
    assertThat(desk.admits(activation(2, 7, 1))).as("another epoch").isEmpty();
    assertThat(desk.tooLate(activation(3, 7, 2))).isFalse();
    step.begin(1, 4);
    assertThat(desk.hasJustItsQuorum(step)).isTrue();

    step.close(List.of(0, 1));
    assertThat(desk.tooLate(activation(3, 7, 2))).isTrue();
    assertThat(desk.tooLate(activation(3, 7, 1))).as("it is in").isFalse();
    assertThat(desk.admits(activation(3, 7, 2))).isEmpty();
    desk.end(step);
    assertThat(desk.tooLate(activation(3, 7, 2))).isTrue();
    assertThat(desk.tooLate(activation(3, 8, 2))).isFalse();
  }

  @Test
  void afterAStepIsGivenUpNothingIsLetInBeforeTheNextAssignment() {
    OpenStep step = desk.admits(activation(3, 7, 0)).orElseThrow();
    desk.enter(step);
    assertThat(desk.abandon()).isTrue();
    assertThat(desk.admits(activation(3, 7, 0))).isEmpty();

    desk.assign(Assignment.of(JOB, EDGE, 4, new Placement(List.of(ONE, EDGE))), 5);
    assertThat(desk.admits(activation(4, 5, 0))).isPresent();
  }

  private static Activation activation(long epoch, long step, int pass) {
    return Activation.newBuilder().setEpoch(epoch).setStep(step).setPass(pass).build();
  }

  private static LinkSpec link(NodeId from, NodeId to) {
    return new LinkSpec(from, to, 1e6, 0.001);
  }
}
