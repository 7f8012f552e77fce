package io.foresplit.bench.evaluate;

import io.foresplit.bench.measure.Alarm;
import io.foresplit.contract.Conditions;
import io.foresplit.contract.Metric;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.Placement;
import io.foresplit.contract.SegmentReport;
import io.foresplit.runtime.sim.SimulatedInterval;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A static threshold, as an alert rule with {@code for:} has it: an alarm while an objective is
 * breached, without a cause. On a breach of the step time, training goes on where it is best under
 * the conditions just measured, by a move or by a restart from the last checkpoint, at most once in
 * {@value #COOL_DOWN_SECONDS} s.
 */
final class ThresholdCare extends MovingCare {
  private static final double COOL_DOWN_SECONDS = 60;
  private static final double LEAST_GAIN = 0.1;

  /** Standstill of a restart, as measured on real processes (docs/runtime-benchmark.md). */
  static final double RESTART_SECONDS = 7.7;

  /** Steps between two checkpoints. */
  static final int CHECKPOINT_STEPS = 100;

  /** Of a node that does not report nothing is expected. */
  private static final double LOST_SLOWDOWN = 1e4;

  private final boolean restarts;
  private final JobWatch watch;
  private final MeasuredConditions measured;
  private double nextAct;
  private boolean alarmed;

  ThresholdCare(CareContext context, boolean restarts) {
    super(context);
    this.restarts = restarts;
    watch = new JobWatch(context.simulation());
    measured = new MeasuredConditions(context.job());
  }

  @Override
  void decide(SimulatedInterval interval, double now) throws IOException {
    watch.onInterval(interval);
    measured.onInterval(interval);
    boolean breached = !watch.breached().isEmpty();
    if (breached && !alarmed) {
      alarm(new Alarm(now, null, List.of(), List.of()));
    } else if (!breached && alarmed) {
      resolve(now);
    }
    alarmed = breached;
    boolean slow =
        watch.breached().stream().anyMatch(objective -> objective.metric() == Metric.STEP_SECONDS);
    if (slow && !isBusy() && now >= nextAct) {
      act(interval, now);
    }
  }

  private void act(SimulatedInterval interval, double now) throws IOException {
    Conditions conditions = measured.now();
    Set<NodeId> silent = new HashSet<>(conditions.slowdowns().keySet());
    for (SegmentReport report : interval.reports()) {
      silent.remove(report.node());
    }
    for (NodeId node : silent) {
      conditions = conditions.withSlowdown(node, LOST_SLOWDOWN);
    }
    Placement from = placement();
    Placement to = context.planner().best(context.job(), conditions);
    double stay = context.planner().predict(context.job(), from, conditions);
    double gain = 1 - context.planner().predict(context.job(), to, conditions) / stay;
    if (to.equals(from) || gain < LEAST_GAIN) {
      return;
    }
    nextAct = now + COOL_DOWN_SECONDS;
    if (restarts) {
      restart(now, to, RESTART_SECONDS, CHECKPOINT_STEPS);
    } else {
      move(now, to);
    }
  }
}
