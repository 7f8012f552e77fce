package io.foresplit.diagnoser.chat;

import io.foresplit.contract.Cause;
import io.foresplit.contract.ComponentId;
import io.foresplit.diagnoser.Words;

/** What people can check on the spot, by cause. */
final class Checks {
  private Checks() {}

  static String of(Cause cause, ComponentId component) {
    return switch (cause) {
      case UPLINK_FADE, DOWNLINK_FADE ->
          "Check the signal, interference and other traffic on "
              + component
              + ", and compare its rate with what the interfaces at "
              + component.from()
              + " and "
              + component.to()
              + " count.";
      case LATENCY_RISE ->
          "Check whether the route of "
              + component
              + " has changed, and whether a full queue on the way (a large transfer, a tunnel)"
              + " holds packets up.";
      case NODE_SLOWDOWN ->
          "Check on "
              + component
              + " which other processes use the processor, and whether heat, power saving or a"
              + " limit of its container slows it down.";
      case LABEL_DRIFT ->
          "Check how the labels on "
              + component
              + " are made: a mapping that was changed, another source, a shifted mix of classes.";
      case FEATURE_DRIFT ->
          "Check the inputs on "
              + component
              + ": sensors, units and preprocessing, and whether the data is still of the kind the"
              + " model was made for.";
      case EXPLODING_GRADIENTS ->
          "Check the learning rate and gradient clipping of "
              + Words.of(component)
              + ", and the batches just before the onset for wild values.";
      case STALE_WEIGHTS ->
          "Check on "
              + component
              + " whether its process was restarted or restored from an old checkpoint, and what"
              + " step its layers say they are of.";
      case CORRUPTED_ACTIVATIONS ->
          "Check memory, accelerator and number format of "
              + component
              + ", and whether what it sends arrives with the checksum it was sent with.";
      case NODE_LOSS ->
          "Check whether the process and the host of "
              + component
              + " live and can reach the coordinator, and what its log says last.";
    };
  }
}
