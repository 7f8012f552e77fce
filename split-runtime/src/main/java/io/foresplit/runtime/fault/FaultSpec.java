package io.foresplit.runtime.fault;

import io.foresplit.contract.ComponentId;

/**
 * One fault that ramps in and stays.
 *
 * @param component what it strikes, see {@link FaultKind}
 * @param onsetSeconds start of the ramp, in seconds since the start of the job
 * @param rampSeconds length of the ramp; 0 is a jump
 * @param size full size, see {@link FaultKind}
 * @param seed chooses which samples drift, and to what, and when threads of a contention pause
 */
public record FaultSpec(
    FaultKind kind,
    ComponentId component,
    double onsetSeconds,
    double rampSeconds,
    double size,
    long seed) {
  /** Bounds how many threads a contention starts, which is about this for each processor. */
  static final double MOST_CONTENTION = 16;

  public FaultSpec {
    requireSeconds("onsetSeconds", onsetSeconds);
    requireSeconds("rampSeconds", rampSeconds);
    switch (kind) {
      case UPLINK_FADE -> {
        requireFactor(size);
        require(component.isLink(), "an uplink fade strikes a link, was " + component);
      }
      case NODE_SLOWDOWN -> {
        requireFactor(size);
        requireNode(kind, component);
      }
      case CONTENTION -> {
        require(
            size >= 1 && size <= MOST_CONTENTION,
            "size of a contention must be in [1, " + MOST_CONTENTION + "], was " + size);
        requireNode(kind, component);
      }
      case LABEL_DRIFT -> {
        require(size >= 0 && size <= 1, "size of a label drift must be in [0, 1], was " + size);
        requireNode(kind, component);
      }
      case NONE -> require(size == 0, "no fault has size 0, was " + size);
    }
  }

  /** No fault at all. */
  public static FaultSpec none() {
    return new FaultSpec(FaultKind.NONE, ComponentId.JOB, 0, 0, 0, 0);
  }

  /** Seconds since the start of the job after which the fault has its full size. */
  public double fullSeconds() {
    return onsetSeconds + rampSeconds;
  }

  private static void requireNode(FaultKind kind, ComponentId component) {
    require(
        !component.isLink() && !component.equals(ComponentId.JOB),
        "a " + kind.label() + " strikes a node, was " + component);
  }

  private static void requireSeconds(String what, double seconds) {
    require(
        seconds >= 0 && seconds < Double.POSITIVE_INFINITY,
        what + " must be finite and at least 0, was " + seconds);
  }

  private static void requireFactor(double size) {
    require(
        size >= 1 && size < Double.POSITIVE_INFINITY,
        "size must be a finite factor of at least 1, was " + size);
  }

  private static void require(boolean holds, String message) {
    if (!holds) {
      throw new IllegalArgumentException(message);
    }
  }
}
