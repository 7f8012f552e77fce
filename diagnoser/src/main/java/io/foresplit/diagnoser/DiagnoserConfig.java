package io.foresplit.diagnoser;

import java.util.ArrayList;
import java.util.List;

/**
 * What the stage can be told. Times are in report intervals, 0.5 s each in the demo.
 *
 * @param historyIntervals values kept a series
 * @param healthyIntervals length of the window that says what is normal
 * @param guardIntervals left out before the onset, which is an estimate
 * @param currentIntervals newest values whose median is the present level
 * @param leastValues values a window needs to say what is normal
 * @param evidenceLimit most facts in a diagnosis
 * @param rankedLimit most causes in a diagnosis
 * @param abstainScore score in (0, 1) that a cause must have to stand out; see {@link CauseRanker}
 */
public record DiagnoserConfig(
    int historyIntervals,
    int healthyIntervals,
    int guardIntervals,
    int currentIntervals,
    int leastValues,
    int evidenceLimit,
    int rankedLimit,
    double abstainScore) {
  public DiagnoserConfig {
    List<String> problems = new ArrayList<>();
    within(problems, "historyIntervals", historyIntervals, 100, 20_000);
    within(problems, "healthyIntervals", healthyIntervals, 10, historyIntervals);
    within(problems, "guardIntervals", guardIntervals, 0, historyIntervals);
    within(problems, "currentIntervals", currentIntervals, 1, 60);
    within(problems, "leastValues", leastValues, 3, healthyIntervals);
    within(problems, "evidenceLimit", evidenceLimit, 4, 64);
    within(problems, "rankedLimit", rankedLimit, 1, 16);
    if (!(abstainScore > 0 && abstainScore < 1)) {
      problems.add("abstainScore must be in (0, 1), was " + abstainScore);
    }
    if (!problems.isEmpty()) {
      throw new IllegalArgumentException("diagnoser: " + String.join("; ", problems));
    }
  }

  public static DiagnoserConfig defaults() {
    return new DiagnoserConfig(600, 60, 6, 5, 10, 24, 5, 0.15);
  }

  private static void within(List<String> problems, String what, int value, int low, int high) {
    if (value < low || value > high) {
      problems.add(what + " must be between " + low + " and " + high + ", was " + value);
    }
  }
}
