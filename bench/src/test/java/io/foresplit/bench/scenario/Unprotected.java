package io.foresplit.bench.scenario;

import io.foresplit.contract.ActionId;
import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Metric;
import io.foresplit.contract.Objective;
import io.foresplit.contract.TrainingRuntime;
import io.foresplit.runtime.sim.SimulatedInterval;
import io.foresplit.runtime.sim.SimulatedRuntime;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.OptionalDouble;

/**
 * When an objective of a job is first breached while nobody does anything but what was planned. An
 * interval without a finished step is above any bound of the step time; an objective arms as {@link
 * Objective} says.
 */
final class Unprotected {
  private Unprotected() {}

  /** Seconds since the start of the job; empty when none is. */
  static OptionalDouble breach(Scenario scenario, Scenario.Job job) throws IOException {
    SimulatedRuntime runtime = new SimulatedRuntime(job.simulation(scenario.worldSeed()));
    Deque<Scenario.PlannedMove> moves = new ArrayDeque<>(job.plannedMoves());
    int[] above = new int[job.spec().objectives().size()];
    int[] within = new int[above.length];
    boolean[] armed = new boolean[above.length];
    double interval = job.spec().interval().toMillis() / 1e3;
    for (double now = interval; now <= scenario.durationSeconds(); now += interval) {
      while (!moves.isEmpty() && moves.peek().atSeconds() < now) {
        Scenario.PlannedMove move = moves.remove();
        runtime.advanceTo(move.atSeconds());
        var begun =
            runtime.begin(
                job.spec().id(),
                new ActionId("planned-" + moves.size()),
                1,
                runtime.topology(job.spec().id()).epoch(),
                move.target());
        if (begun.state() == TrainingRuntime.State.REFUSED) {
          throw new IllegalStateException(scenario.id() + ": " + begun);
        }
      }
      SimulatedInterval told = runtime.nextInterval();
      for (int i = 0; i < above.length; i++) {
        Objective objective = job.spec().objectives().get(i);
        double value = value(told, objective.metric());
        boolean high =
            Double.isNaN(value)
                ? objective.metric() == Metric.STEP_SECONDS
                : value > objective.bound();
        int duration =
            (int) Math.max(1, Math.ceil(objective.duration().toMillis() / 1e3 / interval));
        above[i] = high ? above[i] + 1 : 0;
        within[i] = high ? 0 : within[i] + 1;
        armed[i] |= within[i] >= duration;
        if (armed[i] && above[i] >= duration) {
          return OptionalDouble.of(now);
        }
      }
    }
    return OptionalDouble.empty();
  }

  private static double value(SimulatedInterval interval, Metric metric) {
    return interval.reports().stream()
        .flatMap(report -> report.samples().stream())
        .filter(sample -> sample.metric() == metric)
        .filter(sample -> sample.component().equals(ComponentId.JOB))
        .mapToDouble(sample -> sample.value())
        .findFirst()
        .orElse(Double.NaN);
  }
}
