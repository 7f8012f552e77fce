package io.foresplit.runtime.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Placement;
import io.foresplit.runtime.fault.DemoJob;
import io.foresplit.runtime.tensor.LayerRun;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TrainingRecordTest {
  private static final String HEADING = "condition,size,step,loss,input_m,input_v,a_g,a_m,a_v";
  private static final List<String> LINES =
      List.of(
          HEADING,
          "healthy,0,0,1,1,1,1,1,1",
          "label-drift,0.5,0,3,3,3,3,3,3",
          "label-drift,0.5,10,2,2,2,2,2,2",
          "label-drift,1,0,5,5,5,5,5,5",
          "label-drift,1,10,4,4,4,4,4,4");

  @Test
  void aDisturbedStepIsTheRecordedOneAndBetweenSizesBetweenThem() {
    TrainingRecord training = TrainingRecord.read(LINES);
    double[] healthy = training.healthy(3, 0.5);
    assertThat(healthy).containsExactly(1, 1, 1, 1, 1, 1);
    assertThat(loss(training, 0.5, 0)).isEqualTo(3);
    assertThat(loss(training, 0.5, 9.9)).isEqualTo(3);
    assertThat(loss(training, 0.5, Double.POSITIVE_INFINITY)).isEqualTo(2);
    assertThat(loss(training, 0.25, 0)).isCloseTo(2, within(1e-12));
    assertThat(loss(training, 0.75, 10)).isCloseTo(3, within(1e-12));
    assertThat(loss(training, 2, 10)).isEqualTo(4);
  }

  private static double loss(TrainingRecord training, double size, double since) {
    double[] healthy = training.healthy(0, 0.5);
    return training
        .disturbed(
            DisturbanceKind.LABEL_DRIFT,
            new LayerRun(0, training.layers() - 1),
            size,
            since,
            healthy,
            0.5)[0];
  }

  @Test
  void whatIsNoRecordingIsRefusedWithItsLine() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TrainingRecord.read(List.of(HEADING, "healthy,0,0,1,1,1,1,1")))
        .withMessage("recording, line 2: expected 9 cells, was 8");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TrainingRecord.read(List.of(HEADING, "healthy,0,0,1,NaN,1,1,1,1")))
        .withMessage("recording, line 2: expected a finite number, was 'NaN'");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TrainingRecord.read(List.of(HEADING)))
        .withMessageContaining("expected a course 'healthy'");
  }

  @Test
  void trainingLearnsAndASuddenDriftIsForgottenInPart() {
    Learning learning =
        new Learning(
            Simulation.of(
                    DemoJob.JOB,
                    Placement.ofCuts(
                        List.of(DemoJob.DEVICE, DemoJob.EDGE, DemoJob.CLOUD), 5, List.of(1, 3)),
                    1)
                .withDisturbances(
                    Disturbance.lasting(
                        DisturbanceKind.LABEL_DRIFT,
                        ComponentId.of(DemoJob.DEVICE),
                        2_000,
                        0,
                        0.6)),
            TrainingRecord.lenet());
    double[] losses =
        IntStream.range(0, 2_200).mapToDouble(step -> learning.step(step, step).loss()).toArray();
    assertThat(losses[0]).isCloseTo(Math.log(10), within(0.1));
    assertThat(mean(losses, 1_800, 2_000)).isLessThan(0.6);
    assertThat(losses[2_000]).isGreaterThan(6);
    assertThat(mean(losses, 2_050, 2_200)).isBetween(2.0, 3.0);
  }

  private static double mean(double[] values, int from, int to) {
    return java.util.Arrays.stream(values, from, to).average().orElseThrow();
  }
}
