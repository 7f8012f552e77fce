package io.foresplit.runtime.link;

import io.foresplit.contract.LinkSpec;
import io.foresplit.contract.jobfile.LinkDisturbance;
import java.util.OptionalDouble;
import java.util.function.DoubleUnaryOperator;

/**
 * A generated link all of whose quantities vary, as of one that many share: when its rate falls
 * below its mean, delay, jitter and loss rise in the same proportion, each with noise of its own. A
 * pure function of seed and time.
 *
 * @param delaySeconds one-way delay while the rate is at its mean or above, on average
 * @param disturbance jitter and loss then, on average
 */
public record GeneratedLink(GeneratedTrace rate, double delaySeconds, LinkDisturbance disturbance)
    implements RateTrace {
  private static final double NOISE = 0.1;
  private static final double WAVE_PERIOD_SECONDS = 40;

  public GeneratedLink {
    if (!(delaySeconds >= 0 && delaySeconds < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "delaySeconds must be finite and at least 0, was " + delaySeconds);
    }
  }

  /**
   * A link that fades: 25 % noise, and a wave of 40 % over 40 s.
   *
   * @param seed of the job; each link draws its own from it
   */
  public static GeneratedLink fading(LinkSpec link, LinkDisturbance disturbance, long seed) {
    return new GeneratedLink(
        new GeneratedTrace(
            GeneratedTrace.seedOf(link.id(), seed),
            link.bytesPerSecond(),
            0.25,
            0.4,
            WAVE_PERIOD_SECONDS),
        link.delaySeconds(),
        disturbance);
  }

  @Override
  public double bytesPerSecond(double secondsSinceStart) {
    return rate.bytesPerSecond(secondsSinceStart);
  }

  @Override
  public OptionalDouble delaySeconds(double secondsSinceStart) {
    return afresh().delaySeconds(secondsSinceStart);
  }

  @Override
  public double jitterSeconds(double secondsSinceStart) {
    return afresh().jitterSeconds(secondsSinceStart);
  }

  @Override
  public double loss(double secondsSinceStart) {
    return afresh().loss(secondsSinceStart);
  }

  private Course afresh() {
    return new Course(this, rate, strain(1)::at, strain(2)::at, strain(3)::at);
  }

  @Override
  public RateTrace remembering() {
    return new Course(
        this,
        rate.remembering(),
        strain(1).remembering(),
        strain(2).remembering(),
        strain(3).remembering());
  }

  /** Noise of its own for each quantity that rises as the rate falls. */
  private VaryingQuantity strain(int stream) {
    return new VaryingQuantity(
        VaryingQuantity.mix(rate.seed() + stream), 1, NOISE, 0, WAVE_PERIOD_SECONDS);
  }

  /** The link by ways to get its varying parts. */
  private record Course(
      GeneratedLink link,
      RateTrace rate,
      DoubleUnaryOperator ofDelay,
      DoubleUnaryOperator ofJitter,
      DoubleUnaryOperator ofLoss)
      implements RateTrace {
    @Override
    public double bytesPerSecond(double t) {
      return rate.bytesPerSecond(t);
    }

    @Override
    public OptionalDouble delaySeconds(double t) {
      return OptionalDouble.of(link.delaySeconds() * strain(ofDelay, t));
    }

    @Override
    public double jitterSeconds(double t) {
      return link.disturbance().jitterSeconds() * strain(ofJitter, t);
    }

    @Override
    public double loss(double t) {
      return Math.min(LinkDisturbance.MAX_LOSS, link.disturbance().loss() * strain(ofLoss, t));
    }

    /** How much more than on average; 1 when the rate is at its mean. */
    private double strain(DoubleUnaryOperator own, double t) {
      return own.applyAsDouble(t)
          * Math.max(1, link.rate().nominalBytesPerSecond() / rate.bytesPerSecond(t));
    }
  }
}
