package io.foresplit.app.bench.pipeline;

import io.foresplit.contract.ActionId;
import io.foresplit.contract.JobId;
import io.foresplit.contract.Placement;
import io.foresplit.contract.SplitTopology;
import io.foresplit.contract.TrainingRuntime;
import java.time.Instant;
import java.util.Optional;

/**
 * A runtime whose jobs stay as they are: it takes any controller and refuses any move. Thread-safe.
 */
record RefusingRuntime(Fleet fleet) implements TrainingRuntime {
  @Override
  public SplitTopology topology(JobId job) {
    String id = job.value();
    int number = Integer.parseInt(id.substring(id.lastIndexOf('-') + 1));
    if (!fleet.id(number).equals(job)) {
      throw new IllegalArgumentException("job must be one of the benchmark's, was " + job);
    }
    return fleet.topology(number, Instant.EPOCH);
  }

  @Override
  public void fence(JobId job, long term) {}

  @Override
  public MoveResult move(JobId job, ActionId action, long term, long epoch, Placement target) {
    return new MoveResult(State.REFUSED, epoch, 0, 0, "nothing trains here");
  }

  @Override
  public Optional<MoveResult> status(JobId job, ActionId action) {
    return Optional.empty();
  }
}
