package io.foresplit.app.bench.runtime;

import io.foresplit.contract.JobSpec;
import io.foresplit.contract.Placement;
import io.foresplit.runtime.plan.CutPlanner;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Whether this machine is fast enough for the speeds that nodes declare: pacing makes a layer take
 * its time by waiting, which it cannot where the layer takes longer by itself. Pure.
 */
record MachineCheck(int processors) {
  /** Most by which layers may be late, as a share of a step. */
  static final double MOST_EXCESS = 0.05;

  /** Most by which a step without faults may be longer than the step time model says. */
  static final double MOST_SLIP = 0.15;

  private static final int LEAST_PROCESSORS = 2;

  /**
   * How far pacing can hold.
   *
   * @param referenceSeconds forward and backward of each layer on one thread, unpaced
   * @return time by which layers are late, over the predicted step
   */
  static double excess(JobSpec job, Placement placement, List<Double> referenceSeconds) {
    double late = 0;
    for (int layer = 0; layer < job.layers().size(); layer++) {
      double speed =
          job.node(placement.nodeOfLayer().get(layer))
              .orElseThrow(() -> new IllegalArgumentException("a node is not in the job"))
              .speed();
      double paced =
          (job.layers().get(layer).forwardSeconds() + job.layers().get(layer).backwardSeconds())
              / speed;
      late += Math.max(0, referenceSeconds.get(layer) - paced);
    }
    return late / predicted(job, placement);
  }

  /** Seconds of a step by the step time model under declared conditions. */
  static double predicted(JobSpec job, Placement placement) {
    return new CutPlanner().predict(job, placement, job.declaredConditions());
  }

  /**
   * What is wrong with the machine, in plain words; empty when it is adequate.
   *
   * @param excessBefore {@link #excess} before the benchmark
   * @param excessAfter the same after it
   * @param slip a measured step over the predicted one, less 1
   */
  List<String> problems(double excessBefore, double excessAfter, double slip) {
    List<String> problems = new ArrayList<>();
    if (processors < LEAST_PROCESSORS) {
      problems.add(
          "the nodes of a job need at least "
              + LEAST_PROCESSORS
              + " processors, was "
              + processors);
    }
    tooMuch(problems, "before the run, layers took longer than paced", excessBefore, MOST_EXCESS);
    tooMuch(problems, "after the run, layers took longer than paced", excessAfter, MOST_EXCESS);
    tooMuch(problems, "steps without faults took longer than predicted", slip, MOST_SLIP);
    return problems;
  }

  private static void tooMuch(List<String> problems, String what, double was, double most) {
    if (!(was <= most)) {
      problems.add(
          String.format(
              Locale.ROOT,
              "%s by %.1f %% of a step, at most %.0f %% is expected",
              what,
              100 * was,
              100 * most));
    }
  }
}
