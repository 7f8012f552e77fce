package io.foresplit.bench.measure;

import io.foresplit.bench.measure.Alarm.Candidate;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What became of one fault that would have breached an objective.
 *
 * @param alarm the first alarm that opened in its window; null when it was missed
 * @param ranked candidates of that alarm's diagnosis, without the right answers to other faults
 *     that the same alarm stands for
 */
public record Finding(Truth truth, @Nullable Alarm alarm, List<Candidate> ranked) {
  /** The k up to which {@link #avgAt5()} looks. */
  private static final int DEPTH = 5;

  public Finding {
    ranked = List.copyOf(ranked);
  }

  /** Whether an alarm told of it, however late. */
  public boolean isDetected() {
    return alarm != null;
  }

  /**
   * Seconds from the alarm to the breach that comes when nobody does anything; 0 when the fault was
   * missed or the alarm came later than that. An alarm before the onset is credited from the onset
   * on: before it there was nothing to foresee.
   */
  public double leadSeconds() {
    Double breach = truth.breachSeconds();
    if (alarm == null || breach == null) {
      return 0;
    }
    return Math.max(0, breach - Math.max(alarm.openedSeconds(), truth.onsetSeconds()));
  }

  /** The candidate that is named first. */
  public Optional<Candidate> first() {
    return ranked.stream().findFirst();
  }

  boolean componentIsRight() {
    return first().filter(answer -> answer.component().equals(truth.component())).isPresent();
  }

  boolean causeIsRight() {
    return first().filter(answer -> answer.cause().equals(truth.cause())).isPresent();
  }

  boolean pathIsRight() {
    return alarm != null && alarm.path().equals(truth.path());
  }

  /**
   * Mean over k = 1..5 of whether component and cause are named, as a pair, among the first k
   * (Avg@5 as papers on root causes have it).
   */
  double avgAt5() {
    int rank = rank(truth, ranked);
    return rank < DEPTH ? (DEPTH - rank) / (double) DEPTH : 0;
  }

  /** Place of the right pair, from 0; {@link Integer#MAX_VALUE} where it is not named. */
  static int rank(Truth truth, List<Candidate> ranked) {
    for (int place = 0; place < ranked.size(); place++) {
      if (names(ranked.get(place), truth)) {
        return place;
      }
    }
    return Integer.MAX_VALUE;
  }

  static boolean names(Candidate candidate, Truth truth) {
    return candidate.component().equals(truth.component())
        && candidate.cause().equals(truth.cause());
  }
}
