package io.foresplit.runtime.node;

import io.foresplit.runtime.proto.Activation;
import io.foresplit.runtime.proto.Envelope;
import io.foresplit.runtime.proto.Gradient;
import io.foresplit.runtime.proto.StepClose;
import io.foresplit.runtime.proto.TensorValue;
import java.util.Arrays;
import java.util.Collection;
import java.util.Optional;

/** What segments say to each other within a step. */
final class PassMessages {
  private PassMessages() {}

  /** Output of a segment. */
  static Envelope.Builder activation(
      long epoch, long step, int pass, int[] indices, TensorValue output) {
    return Envelope.newBuilder()
        .setActivation(
            Activation.newBuilder()
                .setEpoch(epoch)
                .setStep(step)
                .setPass(pass)
                .addAllIndices(Arrays.stream(indices).boxed().toList())
                .setOutput(output));
  }

  /**
   * What goes back.
   *
   * @param value of the input of a segment; empty when nobody waits for it
   */
  static Envelope.Builder gradient(
      long epoch, long step, int pass, double loss, Optional<TensorValue> value) {
    Gradient.Builder gradient =
        Gradient.newBuilder().setEpoch(epoch).setStep(step).setPass(pass).setLoss(loss);
    value.ifPresent(gradient::setGradient);
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
