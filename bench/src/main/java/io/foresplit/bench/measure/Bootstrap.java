package io.foresplit.bench.measure;

import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.commons.math3.stat.descriptive.rank.Percentile;
import org.apache.commons.math3.stat.descriptive.rank.Percentile.EstimationType;

/**
 * Percentile bootstrap of a median (Efron and Tibshirani, An Introduction to the Bootstrap, chapter
 * 13). The median of a resample is the value at its middle ranks, so the ranks are drawn once for
 * each sample size, from a fixed seed, and serve every sample of that size [derived]. Thread-safe.
 */
final class Bootstrap {
  static final int RESAMPLES = 2000;
  private static final long SEED = 0x5eed;
  private static final Map<Integer, Bootstrap> OF_SIZE = new ConcurrentHashMap<>();

  private final int[] lower = new int[RESAMPLES];
  private final int[] upper = new int[RESAMPLES];

  private Bootstrap(int size) {
    SplittableRandom random = new SplittableRandom(SEED + size);
    for (int resample = 0; resample < RESAMPLES; resample++) {
      int[] ranks = random.ints(size, 0, size).sorted().toArray();
      lower[resample] = ranks[(size - 1) / 2];
      upper[resample] = ranks[size / 2];
    }
  }

  static Bootstrap ofSize(int size) {
    return OF_SIZE.computeIfAbsent(size, Bootstrap::new);
  }

  /** Medians of all resamples of a sorted sample. */
  double[] medians(double[] sorted) {
    double[] medians = new double[RESAMPLES];
    for (int resample = 0; resample < RESAMPLES; resample++) {
      medians[resample] = (sorted[lower[resample]] + sorted[upper[resample]]) / 2;
    }
    return medians;
  }

  /** Percentiles as most statistics programs have them: linear between neighbours. */
  static Percentile percentile(double[] values) {
    Percentile percentile = new Percentile().withEstimationType(EstimationType.R_7);
    percentile.setData(values);
    return percentile;
  }
}
