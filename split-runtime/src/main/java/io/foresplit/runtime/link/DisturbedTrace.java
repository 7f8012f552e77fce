package io.foresplit.runtime.link;

import io.foresplit.contract.jobfile.LinkDisturbance;
import java.util.OptionalDouble;

/**
 * A trace with steady jitter and loss where it has none of its own: where its own is more, that
 * holds.
 */
public record DisturbedTrace(RateTrace trace, LinkDisturbance disturbance) implements RateTrace {
  @Override
  public double bytesPerSecond(double secondsSinceStart) {
    return trace.bytesPerSecond(secondsSinceStart);
  }

  @Override
  public RateTrace remembering() {
    return new DisturbedTrace(trace.remembering(), disturbance);
  }

  @Override
  public OptionalDouble delaySeconds(double secondsSinceStart) {
    return trace.delaySeconds(secondsSinceStart);
  }

  @Override
  public double jitterSeconds(double secondsSinceStart) {
    return Math.max(disturbance.jitterSeconds(), trace.jitterSeconds(secondsSinceStart));
  }

  @Override
  public double loss(double secondsSinceStart) {
    return Math.max(disturbance.loss(), trace.loss(secondsSinceStart));
  }
}
