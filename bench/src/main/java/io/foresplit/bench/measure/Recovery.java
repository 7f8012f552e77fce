package io.foresplit.bench.measure;

import io.foresplit.bench.measure.Run.Span;
import java.util.List;
import java.util.Objects;

/**
 * How a run got over its breaches. Breaches that the world without the fault has as well are
 * nobody's to recover from, and are left out. One recovery begins at each moment at which faults
 * would breach an objective unprotected, and is looked at until the next such moment or the end of
 * the run.
 *
 * @param seconds from the moment of the unprotected breach to the end of the last breach, summed
 *     over recoveries; what had to be cut off at the end of the run counts up to there
 * @param unfinished how many were in breach when the run ended
 */
record Recovery(int count, double seconds, int unfinished) {
  static Recovery of(Judged judged) {
    Run run = judged.run();
    List<Span> breaches =
        Spans.minus(
            Spans.union(run.breaches(), 0, run.durationSeconds()),
            Spans.union(run.faultFreeBreaches(), 0, run.durationSeconds()));
    List<Double> starts =
        judged.findings().stream()
            .map(finding -> Objects.requireNonNull(finding.truth().breachSeconds()))
            .distinct()
            .sorted()
            .toList();
    double seconds = 0;
    int unfinished = 0;
    for (int index = 0; index < starts.size(); index++) {
      double start = starts.get(index);
      double until = index + 1 < starts.size() ? starts.get(index + 1) : run.durationSeconds();
      List<Span> left = Spans.union(breaches, start, until);
      if (!left.isEmpty()) {
        double end = left.get(left.size() - 1).to();
        seconds += end - start;
        unfinished += end >= run.durationSeconds() - run.intervalSeconds() ? 1 : 0;
      }
    }
    return new Recovery(starts.size(), seconds, unfinished);
  }
}
