package io.foresplit.runtime.link;

import io.foresplit.contract.ComponentId;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.LinkSpec;
import java.util.Arrays;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongToDoubleFunction;

/**
 * A link that varies as links do: mean-one noise that remembers (a first-order autoregressive
 * process on a grid of {@value #STEP_SECONDS} s, log-normal), times a slow wave. A pure function of
 * seed and time, so every process that knows the seed sees the same link.
 *
 * @param nominalBytesPerSecond mean rate
 * @param noise standard deviation of the noise, relative
 * @param wave amplitude of the slow wave, relative
 * @param wavePeriodSeconds period of the slow wave
 */
public record GeneratedTrace(
    long seed, double nominalBytesPerSecond, double noise, double wave, double wavePeriodSeconds)
    implements RateTrace {
  private static final double STEP_SECONDS = 0.25;
  private static final double MEMORY = 0.9;

  /** Steps after which the noise has forgotten: MEMORY to this power is below 1 %. */
  private static final int DEPTH = 48;

  private static final double[] WEIGHTS = weights();

  private static final double UNIT_VARIANCE =
      Math.sqrt((1 - MEMORY * MEMORY) / (1 - Math.pow(MEMORY, 2.0 * DEPTH)));

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
    this(seed, nominalBytesPerSecond, 0.04, 0.05, 40);
  }

  /** Usual variation for each link of a job, independent of each other. */
  public static Map<ComponentId, RateTrace> forLinks(JobSpec job, long seed) {
    Map<ComponentId, RateTrace> traces = new TreeMap<>();
    for (LinkSpec link : job.links()) {
      traces.put(
          link.id(),
          new GeneratedTrace(mix(seed ^ mix(link.id().value().hashCode())), link.bytesPerSecond()));
    }
    return Collections.unmodifiableMap(traces);
  }

  @Override
  public double bytesPerSecond(double secondsSinceStart) {
    return bytesPerSecond(secondsSinceStart, this::deviate);
  }

  @Override
  public RateTrace remembering() {
    Memory normals = new Memory(this::normal);
    Memory deviates = new Memory(normals::deviate);
    return secondsSinceStart -> bytesPerSecond(secondsSinceStart, deviates);
  }

  private double bytesPerSecond(double secondsSinceStart, LongToDoubleFunction deviates) {
    double position = secondsSinceStart / STEP_SECONDS;
    long step = (long) Math.floor(position);
    double share = position - step;
    double deviate =
        (1 - share) * deviates.applyAsDouble(step) + share * deviates.applyAsDouble(step + 1);
    double phase = 2 * Math.PI * uniform(mix(seed));
    double slow = 1 + wave * Math.sin(2 * Math.PI * secondsSinceStart / wavePeriodSeconds + phase);
    return nominalBytesPerSecond * Math.exp(noise * deviate - noise * noise / 2) * slow;
  }

  /** Standard normal, correlated with its neighbours by MEMORY. */
  private double deviate(long step) {
    double sum = 0;
    for (int back = 0; back < DEPTH; back++) {
      sum += WEIGHTS[back] * normal(step - back);
    }
    return UNIT_VARIANCE * sum;
  }

  private static double[] weights() {
    double[] weights = new double[DEPTH];
    weights[0] = 1;
    for (int back = 1; back < DEPTH; back++) {
      weights[back] = weights[back - 1] * MEMORY;
    }
    return weights;
  }

  /** Independent standard normal of a step, by Box and Muller. */
  private double normal(long step) {
    long bits = mix(seed + 0x9E3779B97F4A7C15L * (2 * step + 1));
    double radius = Math.sqrt(-2 * Math.log(1 - uniform(bits)));
    return radius * Math.cos(2 * Math.PI * uniform(mix(bits)));
  }

  /** Remembers the last values of a pure function. Not thread-safe. */
  private static final class Memory implements LongToDoubleFunction {
    private static final int SLOTS = 128;
    private final LongToDoubleFunction function;
    private final long[] keys = new long[SLOTS];
    private final double[] values = new double[SLOTS];

    Memory(LongToDoubleFunction function) {
      this.function = function;
      Arrays.fill(keys, Long.MIN_VALUE);
    }

    @Override
    public double applyAsDouble(long key) {
      int slot = (int) (key & (SLOTS - 1));
      if (keys[slot] != key) {
        values[slot] = function.applyAsDouble(key);
        keys[slot] = key;
      }
      return values[slot];
    }

    /** {@link GeneratedTrace#deviate} of remembered normals: the same sum, in the same order. */
    double deviate(long step) {
      double sum = 0;
      for (int back = 0; back < DEPTH; back++) {
        sum += WEIGHTS[back] * applyAsDouble(step - back);
      }
      return UNIT_VARIANCE * sum;
    }
  }

  private static double uniform(long bits) {
    return (bits >>> 11) * 0x1.0p-53;
  }

  /** The finaliser of SplitMix64 (Steele, Lea and Flood, 2014). */
  private static long mix(long value) {
    long z = value + 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  private static void require(boolean holds, String rule, double was) {
    if (!holds) {
      throw new IllegalArgumentException(rule + ", was " + was);
    }
  }
}
