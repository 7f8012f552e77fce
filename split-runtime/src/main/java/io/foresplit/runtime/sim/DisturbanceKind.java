package io.foresplit.runtime.sim;

import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * What can go wrong in a simulated world, and what is merely hard about a healthy one. A kind is
 * where it strikes, what it changes there, how that runs over time, and what its size means; to add
 * one with a known effect and course takes one line here.
 */
public enum DisturbanceKind {
  /** The rate towards the cloud falls. */
  UPLINK_FADE("uplink-fade", Effect.RATE, Course.RAMP, Size.FACTOR),
  /** The rate towards the data owner falls. */
  DOWNLINK_FADE("downlink-fade", Effect.RATE, Course.RAMP, Size.FACTOR),
  /** One-way delay grows. Size: seconds on top. */
  LATENCY_RISE("latency-rise", Effect.DELAY, Course.RAMP, Size.SECONDS),
  /** One-way delay varies. Size: mean of what comes on top, seconds. */
  JITTER("jitter", Effect.JITTER, Course.RAMP, Size.SECONDS),
  /** Packets are lost; what that leaves of the rate is by Mathis et al. Size: share lost. */
  PACKET_LOSS("packet-loss", Effect.LOSS, Course.RAMP, Size.SHARE),
  /** The link is away for the first part of each period. Size: that part of the period. */
  LINK_FLAP("link-flap", Effect.OUTAGE, Course.PART_OF_PERIOD, Size.SHARE),
  /** The link is away, once or once a period. Size: for how long, seconds. */
  HANDOVER_GAP("handover-gap", Effect.OUTAGE, Course.START_OF_PERIOD, Size.SECONDS),

  /** Others compute on the node: a step when it has no ramp. Size: slowdown. */
  CPU_CONTENTION("cpu-contention", Effect.COMPUTE, Course.RAMP, Size.FACTOR),
  /** Others compute on the node in the first half of each period. Size: slowdown. */
  PERIODIC_CPU_CONTENTION("periodic-cpu-contention", Effect.COMPUTE, Course.SQUARE, Size.FACTOR),
  /** Memory is lost over the ramp; at its end the process is killed. Size: bytes. */
  MEMORY_LEAK("memory-leak", Effect.MEMORY, Course.RAMP, Size.AMOUNT),
  /** The data owner computes more slowly than declared. Size: slowdown. */
  STRAGGLER("straggler", Effect.COMPUTE, Course.RAMP, Size.FACTOR),
  /** The process is away until the disturbance is over. Size: 1. */
  NODE_CRASH("node-crash", Effect.AWAY, Course.RAMP, Size.SHARE),

  /** Labels become wrong. Size: share of the samples. */
  LABEL_DRIFT("label-drift", Effect.LEARNING, Course.RAMP, Size.SHARE),
  /** Images fade into bright, noisy haze. Size: share of haze. */
  FEATURE_DRIFT("feature-drift", Effect.LEARNING, Course.RAMP, Size.SHARE),
  /** The gradient of the loss is too large. Size: by what factor. */
  EXPLODING_GRADIENTS("exploding-gradients", Effect.LEARNING, Course.RAMP, Size.FACTOR),
  /** A segment has got weights of an earlier step. Size: how many steps earlier. */
  STALE_WEIGHTS("stale-weights", Effect.LEARNING, Course.RAMP, Size.AMOUNT),
  /** Activations arrive wrong. Size: share of the values. */
  CORRUPTED_ACTIVATIONS("corrupted-activations", Effect.LEARNING, Course.RAMP, Size.SHARE),

  /**
   * Load that comes and goes evenly with each period, as over a day. Size: slowdown at its peak.
   */
  DIURNAL_LOAD("diurnal-load", Effect.COMPUTE, Course.WAVE, Size.FACTOR),
  /** All noise of the component is larger; the job's is everything's. Size: by what factor. */
  NOISE_BURST("noise-burst", Effect.NOISE, Course.RAMP, Size.FACTOR),
  /** Mini-batches of another size: compute and messages grow with it. Size: factor. */
  BATCH_SIZE("batch-size", Effect.BATCH, Course.RAMP, Size.RATIO);

  /** What is changed. */
  enum Effect {
    RATE(Target.LINK),
    DELAY(Target.LINK),
    JITTER(Target.LINK),
    LOSS(Target.LINK),
    OUTAGE(Target.LINK),
    COMPUTE(Target.NODE),
    MEMORY(Target.NODE),
    AWAY(Target.NODE),
    LEARNING(Target.NODE),
    NOISE(Target.ANY),
    BATCH(Target.JOB);

    private final Target target;

    Effect(Target target) {
      this.target = target;
    }

    Target target() {
      return target;
    }
  }

  /** Where something strikes. */
  enum Target {
    LINK,
    NODE,
    JOB,
    ANY
  }

  /** How it runs from its onset to its end. */
  enum Course {
    /** Up over the ramp, in the shape of the disturbance, then full. */
    RAMP,
    /** Full for a share of each period. */
    PART_OF_PERIOD,
    /** Full for some seconds at the start, of each period where there is one. */
    START_OF_PERIOD,
    /** Full in the first half of each period. */
    SQUARE,
    /** Up and down with each period. */
    WAVE;

    boolean needsPeriod() {
      return this == PART_OF_PERIOD || this == SQUARE || this == WAVE;
    }
  }

  /** What the size is and must be. */
  enum Size {
    /** At least 1; grows evenly on a logarithmic scale. */
    FACTOR("at least 1", 1, Double.MAX_VALUE),
    /** Above 0; changes evenly on a logarithmic scale. */
    RATIO("between 0.001 and 1000", 1e-3, 1e3),
    /** 0 to 1; grows evenly. */
    SHARE("in [0, 1]", 0, 1),
    /** At least 0; grows evenly. */
    SECONDS("at least 0 s", 0, Double.MAX_VALUE),
    /** At least 0; grows evenly. */
    AMOUNT("at least 0", 0, Double.MAX_VALUE);

    private final String rule;
    private final double least;
    private final double most;

    Size(String rule, double least, double most) {
      this.rule = rule;
      this.least = least;
      this.most = most;
    }

    boolean allows(double size) {
      return size >= least && size <= most;
    }

    String rule() {
      return rule;
    }

    boolean isFactor() {
      return this == FACTOR || this == RATIO;
    }
  }

  private final String label;
  private final Effect effect;
  private final Course course;
  private final Size size;

  DisturbanceKind(String label, Effect effect, Course course, Size size) {
    this.label = label;
    this.effect = effect;
    this.course = course;
    this.size = size;
  }

  /** Name for people and files. */
  public String label() {
    return label;
  }

  /** Whether it shows in what is learnt: the loss, not the time of a step. */
  public boolean isOfLearning() {
    return effect == Effect.LEARNING;
  }

  /** Whether the process of the node that it strikes is gone for a time. */
  public boolean takesNodeAway() {
    return effect == Effect.AWAY || effect == Effect.MEMORY;
  }

  Effect effect() {
    return effect;
  }

  Course course() {
    return course;
  }

  Size size() {
    return size;
  }

  /** The kind with a label. */
  public static DisturbanceKind ofLabel(String label) {
    for (DisturbanceKind kind : values()) {
      if (kind.label.equals(label)) {
        return kind;
      }
    }
    throw new IllegalArgumentException(
        "disturbance must be one of "
            + Arrays.stream(values()).map(DisturbanceKind::label).collect(Collectors.joining(", "))
            + ", was '"
            + label
            + "'");
  }
}
