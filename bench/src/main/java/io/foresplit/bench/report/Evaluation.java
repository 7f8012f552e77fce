package io.foresplit.bench.report;

import io.foresplit.bench.measure.Judged;
import io.foresplit.bench.measure.Run;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Runs that have been judged, in one settled order, whatever the order they came in.
 *
 * @param runtime whose runs the main tables are of
 */
record Evaluation(String runtime, List<Judged> runs) {
  static final String SCORING = "scoring";
  static final String TUNING = "tuning";

  /** The strategy whose diagnoses and timelines are shown. */
  static final String PRODUCT = "proactive";

  /** The strategy that does nothing, beside which others are shown. */
  static final String UNPROTECTED = "none";

  /** What tells one run from another. */
  private record Key(
      String use, String runtime, long seed, String scenario, String job, String strategy) {
    static final Comparator<Key> ORDER =
        Comparator.comparing(Key::use)
            .thenComparing(Key::runtime)
            .thenComparingLong(Key::seed)
            .thenComparing(Key::scenario)
            .thenComparing(Key::job)
            .thenComparing(Key::strategy);

    static Key of(Run run) {
      return new Key(
          run.use(), run.runtime(), run.seed(), run.scenario(), run.job(), run.strategy());
    }
  }

  static Evaluation of(String runtime, List<Run> runs) {
    if (runs.isEmpty()) {
      throw new IllegalArgumentException("a report needs at least one run, was given none");
    }
    Set<Key> keys = new HashSet<>();
    for (Run run : runs) {
      if (!keys.add(Key.of(run))) {
        throw new IllegalArgumentException(
            "each run must be there once, was there again: seed "
                + run.seed()
                + ", scenario "
                + run.scenario()
                + ", job "
                + run.job()
                + ", strategy "
                + run.strategy()
                + ", "
                + run.runtime());
      }
      if (!run.use().equals(SCORING) && !run.use().equals(TUNING)) {
        throw new IllegalArgumentException(
            "use of scenario " + run.scenario() + " must be scoring or tuning, was " + run.use());
      }
    }
    return new Evaluation(
        runtime,
        runs.stream().sorted(Comparator.comparing(Key::of, Key.ORDER)).map(Judged::of).toList());
  }

  /** Runs of the main runtime for one use. */
  List<Judged> of(String use) {
    return where(run -> run.runtime().equals(runtime) && run.use().equals(use));
  }

  List<Judged> where(Predicate<Run> which) {
    return runs.stream().filter(judged -> which.test(judged.run())).toList();
  }
}
