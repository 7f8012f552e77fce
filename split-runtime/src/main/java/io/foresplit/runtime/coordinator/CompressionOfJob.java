package io.foresplit.runtime.coordinator;

import io.foresplit.contract.ActionId;
import io.foresplit.contract.NodeId;
import io.foresplit.runtime.link.LinkCompressions;
import java.io.IOException;
import java.time.Duration;

/**
 * What one change of compression sees of its job.
 *
 * @param recoveries how many there had been when it began: the next one overtakes it
 */
record CompressionOfJob(JobController controller, ActionId action, long epoch, long recoveries)
    implements CompressionChange.Job {
  @Override
  public void commit(LinkCompressions next) throws IOException {
    controller.commit(action, epoch, next);
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
  public long millis() {
    return controller.millis();
  }
}
