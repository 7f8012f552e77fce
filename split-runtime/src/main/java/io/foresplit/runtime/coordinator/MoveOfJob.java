package io.foresplit.runtime.coordinator;

import io.foresplit.contract.NodeId;
import java.io.IOException;
import java.time.Duration;

/**
 * What one move sees of its job.
 *
 * @param recoveries how many there had been when it began: the next one overtakes it
 */
record MoveOfJob(JobController controller, LayerMove move, long recoveries)
    implements MoveProtocol.Job {
  @Override
  public void commit(LayerMove committed, long movedBytes) throws IOException {
    controller.commit(committed, movedBytes);
  }

  @Override
  public void pause(Duration time) throws InterruptedException {
    controller.backoff(time.toMillis());
  }

  @Override
  public boolean lost(NodeId node) {
    return controller.lost(node, recoveries);
  }

  @Override
  public CopyEstimate estimate(LayerMove.Shift shift) {
    CoordinatorState now = controller.state();
    double rate = controller.progress().stepsPerSecond();
    return CopyEstimate.of(
        now.topology().job(),
        now.optimiser(),
        now.compression(),
        move.from(),
        shift,
        rate > 0 ? 1 / rate : 0);
  }

  @Override
  public long millis() {
    return controller.millis();
  }

  @Override
  public void entered(MoveState state) {}
}
