package io.foresplit.app.bench.runtime;

import io.foresplit.contract.Placement;
import io.foresplit.contract.TrainingRuntime.MoveResult;
import io.foresplit.contract.TrainingRuntime.State;
import io.foresplit.runtime.plan.CutPlanner;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/** Training that is re-split as its link fades, until its steps are done. */
record Resplitting(FadingLink link, ResplitPolicy policy, long steps) {
  /** Between two looks at the link. */
  private static final Duration LOOK = Duration.ofMillis(250);

  /** Conditions are taken to stay so long: less than a stay lasts on average. */
  private static final double HORIZON_SECONDS = 6;

  private static final double MARGIN_SECONDS = 0.3;

  /** As it is measured. */
  static Resplitting of(FadingLink link, long steps) {
    return new Resplitting(
        link, new ResplitPolicy(new CutPlanner(), HORIZON_SECONDS, MARGIN_SECONDS), steps);
  }

  /** A training, real or simulated. */
  interface Training {
    /** Since it began. */
    double seconds();

    /** Steps that are known to be done. */
    long steps();

    void pass(Duration time) throws InterruptedException;

    /** Moves layers; returns when that is over. */
    MoveResult move(Placement target) throws IOException;

    /** Is told of a move that was tried. */
    void moved(double atSeconds, Placement target, MoveResult result);
  }

  /** How often layers were moved. */
  int run(Training training, Placement begin) throws IOException, InterruptedException {
    Placement current = begin;
    int moves = 0;
    training.pass(LOOK);
    while (training.steps() < steps) {
      double t = training.seconds();
      Optional<Placement> target = policy.decide(link.job(), current, link.measured(t));
      if (target.isPresent()) {
        MoveResult result = training.move(target.get());
        training.moved(t, target.get(), result);
        if (result.state() == State.COMMITTED) {
          current = target.get();
          moves++;
        }
      }
      training.pass(LOOK);
    }
    return moves;
  }
}
