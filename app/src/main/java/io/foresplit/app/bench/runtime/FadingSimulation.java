package io.foresplit.app.bench.runtime;

import io.foresplit.app.bench.runtime.RuntimeReport.Fading;
import io.foresplit.app.bench.runtime.RuntimeReport.FixedCut;
import io.foresplit.contract.ActionId;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.Placement;
import io.foresplit.contract.TrainingRuntime.MoveResult;
import io.foresplit.runtime.TrainingProgress.Step;
import io.foresplit.runtime.plan.Alternatives;
import io.foresplit.runtime.sim.SimulatedRuntime;
import io.foresplit.runtime.sim.Simulation;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** What {@link AdaptivePart} measures, in virtual time. */
record FadingSimulation(JobSpec job, long seed, Resplitting resplitting) {
  private static final Duration TICK = Duration.ofMillis(500);

  /** Each cut that stays, and re-split, on one link. */
  Fading run() throws IOException, InterruptedException {
    List<FixedCut> fixed = new ArrayList<>();
    for (Placement placement : Alternatives.allowed(job)) {
      Simulated training = new Simulated(placement);
      while (training.steps() < resplitting.steps()) {
        training.pass(TICK);
      }
      fixed.add(new FixedCut(placement.describe(), training.taken()));
    }
    Placement begin = MovePart.home(job);
    Simulated training = new Simulated(begin);
    int moves = resplitting.run(training, begin);
    return Fading.of(seed, resplitting.steps(), training.taken(), moves, fixed);
  }

  private final class Simulated implements Resplitting.Training {
    private static final long TERM = 1;

    private final Instant start;
    private final SimulatedRuntime runtime;
    private int actions;

    Simulated(Placement begin) {
      Simulation simulation =
          Simulation.of(job, begin, seed).withTraces(resplitting.link().traces());
      start = simulation.start();
      runtime = new SimulatedRuntime(simulation);
    }

    @Override
    public double seconds() {
      return runtime.nowSeconds();
    }

    @Override
    public long steps() {
      try {
        return runtime.progress(job.id(), Long.MAX_VALUE).steps();
      } catch (IOException e) {
        throw new IllegalStateException("a simulated job has no progress", e);
      }
    }

    @Override
    public void pass(Duration time) {
      runtime.advanceTo(runtime.nowSeconds() + time.toNanos() / 1e9);
    }

    @Override
    public MoveResult move(Placement target) throws IOException {
      actions++;
      return runtime.move(
          job.id(),
          new ActionId("bench-" + actions),
          TERM,
          runtime.topology(job.id()).epoch(),
          target);
    }

    @Override
    public void moved(double atSeconds, Placement target, MoveResult result) {}

    /** Seconds that the steps took. */
    double taken() throws IOException {
      long last = resplitting.steps() - 1;
      Step step = runtime.progress(job.id(), last).log().get(0);
      return StepTrack.seconds(start, step.finished());
    }
  }
}
