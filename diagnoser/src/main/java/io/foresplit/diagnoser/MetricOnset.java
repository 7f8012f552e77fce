package io.foresplit.diagnoser;

import io.foresplit.diagnoser.MetricTable.MetricSeries;
import java.util.Arrays;
import java.util.Optional;

/**
 * When a system changed, by all of its series together: the step at which most of them shifted, by
 * the logarithm of the likelihood of {@link Shifts}, so that one that jumps far does not outvote
 * several (derived).
 *
 * @param seconds of the epoch
 * @param felt whether what users feel, such as latency and availability, shifted at some time;
 *     where no series tells of that, whether any did
 */
record MetricOnset(double seconds, boolean felt) {
  /** How far beyond chance series together must go, over what one may reach by chance. */
  private static final double LEAST_EXCESS = 1;

  /** Empty when no shift stands out, or the table is too short to tell. */
  static Optional<MetricOnset> estimate(MetricTable table, MetricNames names) {
    Shifts shifts = new Shifts(table);
    boolean told = table.series().stream().anyMatch(s -> names.meaning(s.metric()).felt());
    double[] all = new double[shifts.bins()];
    double[] felt = new double[shifts.bins()];
    for (MetricSeries series : table.series()) {
      MetricMeaning meaning = names.meaning(series.metric());
      double[] likelihood = shifts.of(series.values(), meaning);
      for (int bin = 0; bin < all.length; bin++) {
        if (likelihood[bin] > 0) {
          all[bin] += Math.log1p(likelihood[bin]);
          felt[bin] += meaning.felt() || !told ? likelihood[bin] : 0;
        }
      }
    }
    int best = -1;
    double least = Math.log1p(LEAST_EXCESS);
    for (int bin = 0; bin < all.length; bin++) {
      if (all[bin] > least && (best < 0 || all[bin] > all[best])) {
        best = bin;
      }
    }
    return best < 0
        ? Optional.empty()
        : Optional.of(
            new MetricOnset(
                table.startSeconds() + best * shifts.width() * table.stepSeconds(),
                Arrays.stream(felt).max().orElse(0) > LEAST_EXCESS));
  }
}
