package io.foresplit.bench.evaluate;

import io.foresplit.bench.measure.Act;
import io.foresplit.bench.measure.Truth;
import io.foresplit.bench.scenario.Scenario;
import io.foresplit.contract.Conditions;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.Placement;
import io.foresplit.contract.PlacementPlanner;
import io.foresplit.runtime.sim.Disturbance;
import io.foresplit.runtime.sim.SimulatedRuntime;
import io.foresplit.runtime.sim.Simulation;
import java.time.Instant;
import java.util.List;

/**
 * What a strategy works on, and how what it does is judged by somebody who knows all.
 *
 * @param truths of the job's faults, known to the oracle alone
 */
record CareContext(
    Scenario scenario,
    Scenario.Job watched,
    Simulation simulation,
    SimulatedRuntime runtime,
    PlacementPlanner planner,
    List<Truth> truths) {
  /** Shorter views of a disturbance than this say little, seconds. */
  private static final double LEAST_VIEW_SECONDS = 30;

  /** A node that is away computes nothing: layers are to be kept off it. */
  private static final double AWAY_SLOWDOWN = 1e4;

  JobSpec job() {
    return simulation.job();
  }

  Instant start() {
    return simulation.start();
  }

  double seconds(Instant at) {
    return (at.toEpochMilli() - start().toEpochMilli()) / 1e3;
  }

  /** What conditions are once a disturbance is full, on average, and all else with it. */
  Conditions atWorst(Disturbance disturbance) {
    double full = disturbance.onsetSeconds() + disturbance.rampSeconds();
    double end = Math.min(disturbance.endSeconds(), scenario.durationSeconds());
    Conditions mean =
        runtime.meanConditions(Math.min(full, end), Math.max(end, full + LEAST_VIEW_SECONDS));
    return disturbance.kind().takesNodeAway()
        ? mean.withSlowdown(disturbance.component().from(), AWAY_SLOWDOWN)
        : mean;
  }

  /**
   * A move, valid when it breaks no rule and a step is no slower than when staying: under the true
   * conditions of now, or of a fault at its worst that is there or just coming.
   */
  Act move(double at, Placement from, Placement to) {
    boolean valid = to.violations(job()).isEmpty();
    boolean helps = isNoSlower(from, to, runtime.trueConditions());
    for (Disturbance fault : watched.faults()) {
      boolean isThere =
          at >= fault.onsetSeconds() - job().interval().toMillis() / 1e3 && at < fault.endSeconds();
      helps |= isThere && isNoSlower(from, to, atWorst(fault));
    }
    return new Act("move-layers", at, valid && helps, "OPEN", 0, 0, true);
  }

  private boolean isNoSlower(Placement from, Placement to, Conditions conditions) {
    return planner.predict(job(), to, conditions) <= planner.predict(job(), from, conditions);
  }
}
