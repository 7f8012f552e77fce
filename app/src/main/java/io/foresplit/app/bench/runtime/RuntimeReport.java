package io.foresplit.app.bench.runtime;

import java.util.DoubleSummaryStatistics;
import java.util.List;

/**
 * What {@code bench runtime} found, as its JSON has it. Figures without a spread are medians.
 *
 * @param quick whether it was a short run, whose figures say little
 * @param throughputKept with one kill in each window, over that without any
 */
record RuntimeReport(
    long seed,
    boolean quick,
    String dataset,
    Machine machine,
    Setting setting,
    Move move,
    Recovery recovery,
    double throughputKept,
    List<Double> throughputKeptInWindows,
    Restart restart,
    Fading adaptive) {

  /**
   * Whether figures can be trusted.
   *
   * @param reason why not; empty when they can
   * @param excessBefore time by which layers are late against pacing, as a share of a step
   * @param excessAfter the same, after the benchmark
   * @param slip a measured step without faults over the predicted one, less 1
   */
  record Machine(
      int processors,
      boolean adequate,
      String reason,
      double excessBefore,
      double excessAfter,
      double slip) {}

  /**
   * What was trained.
   *
   * @param replicationSteps most steps that are to be lost with a node
   * @param killEverySeconds length of a window of throughput
   * @param nodeBackAfterSeconds from a kill to the start of another process of the node, live
   */
  record Setting(
      String model,
      int batchSize,
      int replicationSteps,
      double killEverySeconds,
      double nodeBackAfterSeconds,
      double predictedStepSeconds,
      double faultFreeStepSeconds,
      double faultFreeStepsPerSecond) {}

  /**
   * Moves that were planned.
   *
   * @param pauseMillis how long no step could start
   * @param stepsLost steps that had to be done again
   * @param gapMillis longest time from one step to the next, beyond the usual one; the same measure
   *     for either way
   */
  record Move(
      double pauseMillis, double stepsLost, Spread pause, Spread gapMillis, Spread lostSteps) {}

  /**
   * Deaths of a node.
   *
   * @param seconds from the kill until the first step is done after it
   * @param stepsLost steps that had been done and were done again
   * @param redone steps of all deaths that were done again and whose loss was known before
   * @param redoneOtherwise those of them whose loss was another one then; none is expected
   */
  record Recovery(
      double seconds,
      double stepsLost,
      Spread spread,
      Spread lostSteps,
      int redone,
      int redoneOtherwise) {}

  /** The same by checkpoint and restart. */
  record Restart(
      Move move, Recovery recovery, double throughputKept, List<Double> throughputKeptInWindows) {}

  /**
   * Training on a fading link.
   *
   * @param seed of the trace
   * @param seconds with adaptive re-splitting
   * @param moves that it made
   * @param bestFixedSeconds of the best cut, known only in hindsight
   * @param overBestFixed seconds over those of the best cut; below 1 when adaptive is faster
   * @param overWorstFixed the same over the worst cut
   */
  record Fading(
      long seed,
      long steps,
      double seconds,
      int moves,
      double bestFixedSeconds,
      double overBestFixed,
      double overWorstFixed,
      List<FixedCut> fixed) {
    static Fading of(long seed, long steps, double seconds, int moves, List<FixedCut> fixed) {
      DoubleSummaryStatistics times =
          fixed.stream().mapToDouble(FixedCut::seconds).summaryStatistics();
      return new Fading(
          seed,
          steps,
          seconds,
          moves,
          times.getMin(),
          seconds / times.getMin(),
          seconds / times.getMax(),
          fixed);
    }
  }

  /** Training on the same link with a placement that stays. */
  record FixedCut(String placement, double seconds) {}

  /**
   * The part on the fading link alone.
   *
   * @param problems why figures are not to be trusted; none when they are
   * @param excessBefore time by which layers are late against pacing, as a share of a step
   * @param excessAfter the same, afterwards
   */
  record FadingAlone(
      boolean quick,
      String dataset,
      List<String> problems,
      double excessBefore,
      double excessAfter,
      Fading adaptive) {}

  /**
   * The same in virtual time.
   *
   * @param simulated true: nothing of it was measured
   * @param overBestFixed of the seeds
   * @param overBestCut seconds of all seeds together, over those of the one cut that is best for
   *     all of them together
   */
  record FadingSimulated(
      boolean simulated, Spread overBestFixed, double overBestCut, List<Fading> seeds) {
    /** At least one seed, the same cuts in the same order in each. */
    static FadingSimulated of(List<Fading> seeds) {
      double bestCut = Double.POSITIVE_INFINITY;
      for (int cut = 0; cut < seeds.get(0).fixed().size(); cut++) {
        double seconds = 0;
        for (Fading seed : seeds) {
          seconds += seed.fixed().get(cut).seconds();
        }
        bestCut = Math.min(bestCut, seconds);
      }
      return new FadingSimulated(
          true,
          Spread.of(seeds.stream().map(Fading::overBestFixed).toList()),
          seeds.stream().mapToDouble(Fading::seconds).sum() / bestCut,
          List.copyOf(seeds));
    }
  }
}
