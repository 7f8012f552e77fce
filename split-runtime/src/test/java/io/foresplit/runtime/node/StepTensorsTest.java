package io.foresplit.runtime.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Compression;
import io.foresplit.contract.Fixtures;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.NodeId;
import io.foresplit.runtime.link.LinkCompressions;
import io.foresplit.runtime.proto.TensorValue;
import io.foresplit.runtime.tensor.Tensor;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class StepTensorsTest {
  private static final JobSpec JOB = Fixtures.lenetJob();
  private static final NodeId DEVICE = Fixtures.DEVICE;
  private static final NodeId EDGE = Fixtures.EDGE;
  private static final LinkCompressions TABLE =
      new LinkCompressions(1, Map.of(ComponentId.link(DEVICE, EDGE), new Compression(0.25, 8)));

  private final StepTensors device = new StepTensors(JOB, DEVICE, 5, TABLE);
  // its node has not heard of the table, and need not have
  private final StepTensors edge = new StepTensors(JOB, EDGE, 5, LinkCompressions.none());

  @Test
  void bothDirectionsHaveTheMaskOfTheActivation() {
    Tensor arrived =
        edge.activation(device.activation(EDGE, 7, tensor(8, 1, -7, 2, 3, 0, 4, -5), true), 1);
    assertThat(arrived.data()).containsExactly(8, 0, -7, 0, 0, 0, 0, 0);

    TensorValue gradient = edge.gradient(DEVICE, 7, tensor(1, 2, 3, 4, 5, 6, 7, 8));
    assertThat(gradient.getSparse().getPositions().isEmpty()).isTrue();
    assertThat(gradient.getSparse().getBits()).isEqualTo(8);
    assertThat(device.gradient(gradient).data()).containsExactly(1, 0, 3, 0, 0, 0, 0, 0);
  }

  @Test
  void aStepIsRoundedTheSameAgainAndAnotherStepOtherwise() {
    Tensor values = tensor(8, 1, -7.3f, 2, 3.1f, 0, 4, -5);
    LinkCompressions all =
        new LinkCompressions(1, Map.of(ComponentId.link(DEVICE, EDGE), new Compression(1, 1)));
    StepTensors one = new StepTensors(JOB, DEVICE, 5, all);
    StepTensors two = new StepTensors(JOB, DEVICE, 5, all);

    assertThat(one.activation(EDGE, 7, values, true))
        .isEqualTo(two.activation(EDGE, 7, values, true));
    assertThat(
            LongStream.range(0, 20)
                .mapToObj(step -> one.activation(EDGE, step, values, true))
                .distinct()
                .count())
        .isGreaterThan(5);
  }

  @Test
  void rawDataAndWhatIsNotFiniteIsNotCompressed() {
    assertThat(device.activation(EDGE, 7, tensor(1, 2, 3, 4), false).hasSparse()).isFalse();
    assertThat(device.activation(EDGE, 7, tensor(1, Float.NaN, 3, 4), true).hasSparse()).isFalse();
    assertThat(device.activation(EDGE, 7, tensor(1, 2, 3, 4), true).hasSparse()).isTrue();
  }

  @Test
  void aGradientThatDoesNotFitItsActivationIsRefused() {
    TensorValue masked = device.activation(EDGE, 7, tensor(1, 2, 3, 4, 5, 6, 7, 8), true);
    Tensor unused = edge.activation(masked, 1);
    TensorValue gradient = edge.gradient(DEVICE, 7, tensor(1, 2, 3, 4, 5, 6, 7, 8));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> device.gradient(gradient.toBuilder().addShape(1).build()))
        .withMessage("the gradient must have the shape of the output, [1, 8], was [1, 8, 1]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> device.gradient(masked))
        .withMessageContaining("none of its own");
    assertThat(device.activation(EDGE, 8, tensor(1, 2, 3, 4, 5, 6, 7, 8), false).hasSparse())
        .isFalse();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> device.gradient(gradient))
        .withMessage("the gradient of an activation that was not compressed must not be");
  }

  @Test
  void noMoreIsAllocatedThanTheLayerBeforeGives() {
    TensorValue value = device.activation(EDGE, 7, tensor(1, 2, 3, 4), true);
    long limit = JOB.layers().get(0).outputBytes() / 4;

    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                edge.activation(
                    value.toBuilder().clearShape().addShape(limit).addShape(2).build(), 1))
        .withMessage("expected a shape of 1 to " + limit + " values, was [" + limit + ", 2]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> edge.activation(value, 0))
        .withMessage("expected raw data that is not compressed");
  }

  private static Tensor tensor(float... values) {
    return new Tensor(values, new long[] {1, values.length});
  }
}
