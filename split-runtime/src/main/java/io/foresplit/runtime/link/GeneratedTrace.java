package io.foresplit.runtime.link;

import io.foresplit.contract.ComponentId;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.LinkSpec;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * A link whose rate varies as that of links does: mean-one noise that remembers (a first-order
 * autoregressive process, log-normal), times a slow wave. A pure function of seed and time, so
 * every process that knows the seed sees the same link.
 *
 * @param nominalBytesPerSecond mean rate
 * @param noise standard deviation of the noise, relative
 * @param wave amplitude of the slow wave, relative
 * @param wavePeriodSeconds period of the slow wave
 */
public record GeneratedTrace(
    long seed, double nominalBytesPerSecond, double noise, double wave, double wavePeriodSeconds)
    implements RateTrace {
  /** Noise of a healthy link, relative. */
  public static final double USUAL_NOISE = 0.04;

  /** Amplitude of the slow wave of a healthy link, relative. */
  public static final double USUAL_WAVE = 0.05;

  /** Period of the slow wave of a healthy link. */
  public static final double USUAL_PERIOD_SECONDS = 40;

  public GeneratedTrace {
    require(
        nominalBytesPerSecond > 0 && nominalBytesPerSecond < Double.POSITIVE_INFINITY,
        "nominalBytesPerSecond must be positive and finite",
        nominalBytesPerSecond);
    require(noise >= 0 && noise < 1, "noise must be in [0, 1)", noise);
    require(wave >= 0 && wave < 1, "wave must be in [0, 1)", wave);
    require(
        wavePeriodSeconds > 0 && wavePeriodSeconds < Double.POSITIVE_INFINITY,
        "wavePeriodSeconds must be positive and finite",
        wavePeriodSeconds);
  }

  /** The usual variation of a healthy link: 4 % noise, and a wave of 5 % over 40 s. */
  public GeneratedTrace(long seed, double nominalBytesPerSecond) {
    this(seed, nominalBytesPerSecond, USUAL_NOISE, USUAL_WAVE, USUAL_PERIOD_SECONDS);
  }

  /** Usual variation for each link of a job, independent of each other. */
  public static Map<ComponentId, RateTrace> forLinks(JobSpec job, long seed) {
    return forLinks(job, seed, USUAL_NOISE, USUAL_WAVE, USUAL_PERIOD_SECONDS);
  }

  /** Variation of some size for each link of a job, independent of each other. */
  public static Map<ComponentId, RateTrace> forLinks(
      JobSpec job, long seed, double noise, double wave, double wavePeriodSeconds) {
    Map<ComponentId, RateTrace> traces = new TreeMap<>();
    for (LinkSpec link : job.links()) {
      traces.put(
          link.id(),
          new GeneratedTrace(
              seedOf(link.id(), seed), link.bytesPerSecond(), noise, wave, wavePeriodSeconds));
    }
    return Collections.unmodifiableMap(traces);
  }

  /** A seed for one link of a job. */
  static long seedOf(ComponentId link, long seed) {
    return VaryingQuantity.mix(seed ^ VaryingQuantity.mix(link.value().hashCode()));
  }

  @Override
  public double bytesPerSecond(double secondsSinceStart) {
    return quantity().at(secondsSinceStart);
  }

  @Override
  public RateTrace remembering() {
    return quantity().remembering()::applyAsDouble;
  }

  private VaryingQuantity quantity() {
    return new VaryingQuantity(seed, nominalBytesPerSecond, noise, wave, wavePeriodSeconds);
  }

  private static void require(boolean holds, String rule, double was) {
    if (!holds) {
      throw new IllegalArgumentException(rule + ", was " + was);
    }
  }
}
