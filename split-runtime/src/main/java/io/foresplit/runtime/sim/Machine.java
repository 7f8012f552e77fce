package io.foresplit.runtime.sim;

/**
 * What real processes add to the step time model and how they look from outside.
 *
 * @param stepSeconds of each step, to draw its batch, to start and to end it
 * @param hopSeconds to deliver one message over one link, beyond the wire
 * @param messageSeconds to encode and decode one message for its receiver
 * @param secondsPerByte the same for each byte of it
 * @param moveSeconds holding, verifying, committing and activating, whatever is moved
 * @param computeNoise relative deviation of compute in an interval
 * @param messageNoise relative deviation of what messages take beyond the wire, in an interval
 * @param usageNoise relative deviation of CPU and memory
 * @param coresPerCompute cores busy while a node of speed 1 computes
 * @param idleCores that a process uses when it does nothing
 * @param heapBytes mean heap in use
 * @param nativeBytes other resident memory
 */
public record Machine(
    double stepSeconds,
    double hopSeconds,
    double messageSeconds,
    double secondsPerByte,
    double moveSeconds,
    double computeNoise,
    double messageNoise,
    double usageNoise,
    double coresPerCompute,
    double idleCores,
    double heapBytes,
    double nativeBytes) {
  public Machine {
    require("stepSeconds", stepSeconds);
    require("hopSeconds", hopSeconds);
    require("messageSeconds", messageSeconds);
    require("secondsPerByte", secondsPerByte);
    require("moveSeconds", moveSeconds);
    require("computeNoise", computeNoise);
    require("messageNoise", messageNoise);
    require("usageNoise", usageNoise);
    require("coresPerCompute", coresPerCompute);
    require("idleCores", idleCores);
    require("heapBytes", heapBytes);
    require("nativeBytes", nativeBytes);
  }

  /**
   * Times and the noise of messages as measured on loopback with two cores, the rest assumed; see
   * docs/simulation.md.
   */
  public static Machine usual() {
    return new Machine(
        5.6e-4, 4.7e-4, 3e-6, 2.9e-9, 0.018, 0.01, 0.4, 0.05, 0.2, 0.03, 60e6, 350e6);
  }

  /** No overhead and no noise: the step time model alone. */
  public static Machine exact() {
    return new Machine(0, 0, 0, 0, 0, 0, 0, 0, 0.2, 0.03, 60e6, 350e6);
  }

  private static void require(String what, double value) {
    if (!(value >= 0 && value < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(what + " must be finite and at least 0, was " + value);
    }
  }
}
