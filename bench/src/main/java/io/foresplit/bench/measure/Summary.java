package io.foresplit.bench.measure;

import io.foresplit.bench.measure.Measure.Better;
import java.util.Collection;
import org.apache.commons.math3.stat.descriptive.rank.Percentile;

/**
 * A measure over seeds.
 *
 * @param median over seeds
 * @param low lower end of the 95 % bootstrap interval of the median; the median with one seed
 * @param high upper end
 * @param worst the worst seed
 * @param seeds how many there were something to measure in
 */
public record Summary(double median, double low, double high, double worst, int seeds) {
  /** Summarises one value for each seed; there must be one at least. */
  static Summary of(Collection<Double> bySeed, Better better) {
    double[] sorted = bySeed.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    double median = Bootstrap.percentile(sorted).evaluate(50);
    double worst =
        switch (better) {
          case HIGHER -> sorted[0];
          case LOWER -> sorted[sorted.length - 1];
        };
    if (sorted.length == 1) {
      return new Summary(median, median, median, worst, 1);
    }
    Percentile medians = Bootstrap.percentile(Bootstrap.ofSize(sorted.length).medians(sorted));
    return new Summary(median, medians.evaluate(2.5), medians.evaluate(97.5), worst, sorted.length);
  }
}
