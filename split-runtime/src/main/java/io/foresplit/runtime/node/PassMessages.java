package io.foresplit.runtime.node;

import io.foresplit.contract.NodeId;
import io.foresplit.runtime.proto.Activation;
import io.foresplit.runtime.proto.Envelope;
import io.foresplit.runtime.proto.Gradient;
import io.foresplit.runtime.proto.StepClose;
import io.foresplit.runtime.tensor.Tensor;
import java.util.Arrays;
import java.util.Collection;
import java.util.Optional;

/** What segments say to each other within a step. */
final class PassMessages {
  private PassMessages() {}

  /**
   * Output of a segment.
   *
   * @param client whose samples they are; empty for the data owner
   */
  static Envelope.Builder activation(
      long epoch, long step, int pass, Optional<NodeId> client, int[] indices, Tensor output) {
    Activation.Builder activation =
        Activation.newBuilder()
            .setEpoch(epoch)
            .setStep(step)
            .setPass(pass)
            .addAllIndices(Arrays.stream(indices).boxed().toList())
            .setOutput(TensorValues.encode(output));
    client.ifPresent(id -> activation.setClient(id.value()));
    return Envelope.newBuilder().setActivation(activation);
  }

  /** Gradient of the input of a segment. */
  static Envelope.Builder gradient(long epoch, long step, int pass, SegmentCompute.Loss loss) {
    Gradient.Builder gradient =
        Gradient.newBuilder().setEpoch(epoch).setStep(step).setPass(pass).setLoss(loss.loss());
    loss.inputGradient().ifPresent(t -> gradient.setGradient(TensorValues.encode(t)));
    return Envelope.newBuilder().setGradient(gradient);
  }

  /** The step of an activation has gone on without it. */
  static Envelope.Builder dropped(Activation late) {
    return Envelope.newBuilder()
        .setGradient(
            Gradient.newBuilder()
                .setEpoch(late.getEpoch())
                .setStep(late.getStep())
                .setPass(late.getPass())
                .setDropped(true));
  }

  /** These passes are a step. */
  static Envelope.Builder close(long epoch, long step, Collection<Integer> passes) {
    return Envelope.newBuilder()
        .setClose(StepClose.newBuilder().setEpoch(epoch).setStep(step).addAllPasses(passes));
  }
}
