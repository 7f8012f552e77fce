package io.foresplit.runtime.coordinator;

import io.foresplit.contract.ActionId;
import io.foresplit.runtime.link.LinkCompressions;
import java.io.IOException;
import java.time.Duration;

/** What one change of compression sees of its job. */
record CompressionOfJob(JobController controller, ActionId action)
    implements CompressionChange.Job {
  @Override
  public void commit(LinkCompressions next) throws IOException {
    controller.commit(action, next);
  }

  @Override
  public void pause(Duration time) throws InterruptedException {
    controller.backoff(time.toMillis());
  }

  @Override
  public long millis() {
    return controller.millis();
  }
}
