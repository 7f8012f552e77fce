package io.foresplit.app.bench.runtime;

import io.foresplit.contract.Conditions;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.Placement;
import io.foresplit.contract.PlacementPlanner;
import io.foresplit.runtime.plan.Alternatives;
import java.util.Comparator;
import java.util.Optional;

/**
 * When to move, and where to: conditions are taken to stay for a while, and a move has to save more
 * within it than it takes, by a margin, so that it is not made to and fro. Pure.
 *
 * @param horizonSeconds how long conditions are taken to stay
 * @param marginSeconds what a move must save beyond what it takes
 */
record ResplitPolicy(PlacementPlanner planner, double horizonSeconds, double marginSeconds) {

  /** The placement worth moving to; empty when staying is best. */
  Optional<Placement> decide(JobSpec job, Placement current, Conditions conditions) {
    return Alternatives.allowed(job).stream()
        .filter(candidate -> !candidate.equals(current))
        .filter(candidate -> saved(job, current, candidate, conditions) > marginSeconds)
        .max(Comparator.comparingDouble(candidate -> saved(job, current, candidate, conditions)));
  }

  /** Seconds of training within the horizon, less those the move takes [derived]. */
  double saved(JobSpec job, Placement current, Placement candidate, Conditions conditions) {
    double now = planner.predict(job, current, conditions);
    double then = planner.predict(job, candidate, conditions);
    return horizonSeconds * (1 - then / now)
        - planner.moveSeconds(job, current, candidate, conditions);
  }
}
