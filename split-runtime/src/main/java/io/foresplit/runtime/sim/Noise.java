package io.foresplit.runtime.sim;

import io.foresplit.contract.ComponentId;

/**
 * Chance as a pure function of (seed, component, interval), never of the order of calls: whatever
 * one strategy does, another on the same seed meets the same world.
 */
final class Noise {
  private final long seed;

  private Noise(long seed) {
    this.seed = seed;
  }

  /**
   * The chance of one component.
   *
   * @param purpose tells apart what one component draws for different ends
   */
  static Noise of(long seed, ComponentId component, String purpose) {
    return new Noise(mix(mix(seed) ^ mix(component.value().hashCode()) ^ purpose.hashCode()));
  }

  /** Uniform in [0, 1). */
  double uniform(long interval) {
    return unit(mix(seed + 0x9E3779B97F4A7C15L * (interval + 1)));
  }

  /** Standard normal, by Box and Muller. */
  double normal(long interval) {
    long bits = mix(seed + 0x9E3779B97F4A7C15L * (interval + 1));
    return Math.sqrt(-2 * Math.log(1 - unit(bits))) * Math.cos(2 * Math.PI * unit(mix(bits)));
  }

  /** Log-normal with mean 1. */
  double factor(long interval, double deviation) {
    return deviation == 0 ? 1 : Math.exp(deviation * normal(interval) - deviation * deviation / 2);
  }

  private static double unit(long bits) {
    return (bits >>> 11) * 0x1.0p-53;
  }

  /** The finaliser of SplitMix64 (Steele, Lea and Flood, 2014). */
  private static long mix(long value) {
    long z = value + 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
