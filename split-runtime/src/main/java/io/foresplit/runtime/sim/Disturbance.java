package io.foresplit.runtime.sim;

import io.foresplit.contract.ComponentId;
import io.foresplit.runtime.sim.DisturbanceKind.Effect;

/**
 * One thing that happens to the simulated world. Pure; times are seconds since the start of the
 * job.
 *
 * @param component the link, node or job it strikes
 * @param onsetSeconds when it begins
 * @param rampSeconds how long it takes to become full; 0 is a jump
 * @param lastsSeconds from the onset to the end, after which all is as before; may be infinite
 * @param periodSeconds of what comes and goes; 0 for what does not
 * @param size when full, see {@link DisturbanceKind}
 * @param shape of the ramp
 */
public record Disturbance(
    DisturbanceKind kind,
    ComponentId component,
    double onsetSeconds,
    double rampSeconds,
    double lastsSeconds,
    double periodSeconds,
    double size,
    Shape shape) {
  public Disturbance {
    requireSeconds("onsetSeconds", onsetSeconds);
    requireSeconds("rampSeconds", rampSeconds);
    requireSeconds("periodSeconds", periodSeconds);
    require(lastsSeconds > 0, "lastsSeconds must be positive, was " + lastsSeconds);
    require(
        kind.size().allows(size),
        "size of a " + kind.label() + " must be " + kind.size().rule() + ", was " + size);
    require(
        periodSeconds > 0 || !kind.course().needsPeriod(),
        "a " + kind.label() + " needs periodSeconds above 0, was " + periodSeconds);
    boolean job = component.equals(ComponentId.JOB);
    boolean fits =
        switch (kind.effect().target()) {
          case LINK -> component.isLink();
          case NODE -> !component.isLink() && !job;
          case JOB -> job;
          case ANY -> true;
        };
    require(
        fits, "a " + kind.label() + " strikes a " + kind.effect().target() + ", was " + component);
  }

  /** One that grows evenly over its ramp. */
  public Disturbance(
      DisturbanceKind kind,
      ComponentId component,
      double onsetSeconds,
      double rampSeconds,
      double lastsSeconds,
      double periodSeconds,
      double size) {
    this(
        kind,
        component,
        onsetSeconds,
        rampSeconds,
        lastsSeconds,
        periodSeconds,
        size,
        Shape.LINEAR);
  }

  /** One that becomes full and stays. */
  public static Disturbance lasting(
      DisturbanceKind kind,
      ComponentId component,
      double onsetSeconds,
      double rampSeconds,
      double size) {
    return new Disturbance(
        kind, component, onsetSeconds, rampSeconds, Double.POSITIVE_INFINITY, 0, size);
  }

  /** One that comes and goes with each period from its onset on. */
  public static Disturbance recurring(
      DisturbanceKind kind,
      ComponentId component,
      double onsetSeconds,
      double rampSeconds,
      double periodSeconds,
      double size) {
    return new Disturbance(
        kind, component, onsetSeconds, rampSeconds, Double.POSITIVE_INFINITY, periodSeconds, size);
  }

  /** The same, over after some seconds from its onset. */
  public Disturbance lasting(double seconds) {
    return new Disturbance(
        kind, component, onsetSeconds, rampSeconds, seconds, periodSeconds, size, shape);
  }

  /** The same, growing otherwise over its ramp. */
  public Disturbance shaped(Shape other) {
    return new Disturbance(
        kind, component, onsetSeconds, rampSeconds, lastsSeconds, periodSeconds, size, other);
  }

  /** When it is over, in seconds since the start of the job; may be infinite. */
  public double endSeconds() {
    return onsetSeconds + lastsSeconds;
  }

  /** 0 when there is nothing of it at a moment, 1 when it is full. */
  public double progress(double t) {
    double since = t - onsetSeconds;
    if (since < 0 || t >= endSeconds()) {
      return 0;
    }
    double ramp = since >= rampSeconds ? 1 : shape.of(since / rampSeconds);
    double phase = periodSeconds > 0 ? since / periodSeconds % 1 : 0;
    return switch (kind.course()) {
      case RAMP -> ramp;
      case PART_OF_PERIOD -> phase < size * ramp ? 1 : 0;
      case START_OF_PERIOD -> (periodSeconds > 0 ? phase * periodSeconds : since) < size ? 1 : 0;
      case SQUARE -> phase < 0.5 ? ramp : 0;
      case WAVE -> ramp * (1 - Math.cos(2 * Math.PI * phase)) / 2;
    };
  }

  /** The factor, share, seconds or amount of it at a moment: 1 or 0 when there is nothing of it. */
  public double strength(double t) {
    double progress = progress(t);
    if (!kind.size().isFactor()) {
      return size * progress;
    }
    return progress == 0 ? 1 : Math.pow(size, progress);
  }

  /** From a moment on, the first one at which the component's process is there. */
  double presentFrom(double t) {
    return t >= awayFrom() && t < endSeconds() ? endSeconds() : t;
  }

  /** From when to its end the component's process is away; its end when it is not. */
  double awayFrom() {
    return switch (kind.effect()) {
      case AWAY -> onsetSeconds;
      case MEMORY -> onsetSeconds + rampSeconds;
      case RATE, DELAY, JITTER, LOSS, OUTAGE, COMPUTE, LEARNING, NOISE, BATCH -> endSeconds();
    };
  }

  boolean has(Effect effect, ComponentId where) {
    return kind.effect() == effect && component.equals(where);
  }

  private static void requireSeconds(String what, double seconds) {
    require(
        seconds >= 0 && seconds < Double.POSITIVE_INFINITY,
        what + " must be finite and at least 0, was " + seconds);
  }

  private static void require(boolean holds, String message) {
    if (!holds) {
      throw new IllegalArgumentException(message);
    }
  }
}
