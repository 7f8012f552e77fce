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
  private static final NodeId CLOUD = Fixtures.CLOUD;
  private static final LinkCompressions TABLE =
      new LinkCompressions(1, Map.of(ComponentId.link(DEVICE, EDGE), new Compression(0.25, 8)));

  private final StepTensors device = new StepTensors(JOB, DEVICE, 5, TABLE);
  // its node has not heard of the table, and need not have
  private final StepTensors edge = new StepTensors(JOB, EDGE, 5, LinkCompressions.none());

  @Test
  void bothDirectionsHaveTheMaskOfTheActivation() {
    Tensor arrived =
        edge.activation(device.activation(EDGE, 7, 0, tensor(8, 1, -7, 2, 3, 0, 4, -5), 0), 0, 1);
    assertThat(arrived.data()).containsExactly(8, 0, -7, 0, 0, 0, 0, 0);

    TensorValue gradient = edge.gradient(7, 0, tensor(1, 2, 3, 4, 5, 6, 7, 8), 1);
    assertThat(gradient.getSparse().getPositions().isEmpty()).isTrue();
    assertThat(gradient.getSparse().getBits()).isEqualTo(8);
    assertThat(device.gradient(gradient, 0).data()).containsExactly(1, 0, 3, 0, 0, 0, 0, 0);
  }

  @Test
  void aStepIsRoundedTheSameAgainAndAnotherStepOtherwise() {
    Tensor values = tensor(8, 1, -7.3f, 2, 3.1f, 0, 4, -5);
    LinkCompressions all =
        new LinkCompressions(1, Map.of(ComponentId.link(DEVICE, EDGE), new Compression(1, 1)));
    StepTensors one = new StepTensors(JOB, DEVICE, 5, all);
    StepTensors two = new StepTensors(JOB, DEVICE, 5, all);

    assertThat(one.activation(EDGE, 7, 0, values, 0))
        .isEqualTo(two.activation(EDGE, 7, 0, values, 0));
    assertThat(
            LongStream.range(0, 20)
                .mapToObj(step -> one.activation(EDGE, step, 0, values, 0))
                .distinct()
                .count())
        .isGreaterThan(5);
  }

  @Test
  void roundingKnowsTheLayerAndTheStepButNotTheNodes() {
    Tensor values = tensor(8, 1, -7.3f, 2, 3.1f, 0, 4, -5);
    Compression compression = new Compression(1, 2);
    LinkCompressions both =
        new LinkCompressions(
            1,
            Map.of(
                ComponentId.link(DEVICE, EDGE), compression,
                ComponentId.link(EDGE, CLOUD), compression));
    StepTensors sender = new StepTensors(JOB, DEVICE, 5, both);
    StepTensors later = new StepTensors(JOB, EDGE, 5, both);

    assertThat(sender.activation(EDGE, 7, 0, values, 1))
        .isEqualTo(sender.activation(CLOUD, 7, 0, values, 1))
        .isEqualTo(later.activation(CLOUD, 7, 0, values, 1))
        .isNotEqualTo(sender.activation(EDGE, 7, 0, values, 2))
        .isNotEqualTo(sender.activation(EDGE, 8, 0, values, 1));
    Tensor unused = later.activation(sender.activation(EDGE, 7, 0, values, 1), 0, 2);
    assertThat(later.gradient(7, 0, values, 2))
        .isNotEqualTo(later.gradient(7, 0, values, 1))
        .isNotEqualTo(later.gradient(8, 0, values, 2));
  }

  @Test
  void rawDataAndWhatIsNotFiniteIsNotCompressed() {
    assertThat(device.activation(EDGE, 7, 0, tensor(1, 2, 3, 4), -1).hasSparse()).isFalse();
    assertThat(device.activation(EDGE, 7, 0, tensor(1, Float.NaN, 3, 4), 0).hasSparse()).isFalse();
    assertThat(device.activation(EDGE, 7, 0, tensor(1, 2, 3, 4), 0).hasSparse()).isTrue();
  }

  @Test
  void aGradientThatDoesNotFitItsActivationIsRefused() {
    TensorValue masked = device.activation(EDGE, 7, 0, tensor(1, 2, 3, 4, 5, 6, 7, 8), 0);
    Tensor unused = edge.activation(masked, 0, 1);
    TensorValue gradient = edge.gradient(7, 0, tensor(1, 2, 3, 4, 5, 6, 7, 8), 1);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> device.gradient(gradient.toBuilder().addShape(1).build(), 0))
        .withMessage("the gradient must have the shape of the output, [1, 8], was [1, 8, 1]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> device.gradient(masked, 0))
        .withMessageContaining("none of its own");
    assertThat(device.activation(EDGE, 8, 0, tensor(1, 2, 3, 4, 5, 6, 7, 8), -1).hasSparse())
        .isFalse();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> device.gradient(gradient, 0))
        .withMessage("the gradient of an activation that was not compressed must not be");
  }

  @Test
  void noMoreIsAllocatedThanTheLayerBeforeGives() {
    TensorValue value = device.activation(EDGE, 7, 0, tensor(1, 2, 3, 4), 0);
    long limit = JOB.layers().get(0).outputBytes() / 4;

    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                edge.activation(
                    value.toBuilder().clearShape().addShape(limit).addShape(2).build(), 0, 1))
        .withMessage("expected a shape of 1 to " + limit + " values, was [" + limit + ", 2]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> edge.activation(value, 0, 0))
        .withMessage("expected raw data that is not compressed");
  }

  private static Tensor tensor(float... values) {
    return new Tensor(values, new long[] {1, values.length});
  }
}
