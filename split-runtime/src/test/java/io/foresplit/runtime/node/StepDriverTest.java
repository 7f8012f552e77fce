package io.foresplit.runtime.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.foresplit.contract.Fixtures;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.Placement;
import io.foresplit.runtime.data.DrawnDataset;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collections;
import org.junit.jupiter.api.Test;

/** Holds and resumptions of a driver whose thread is not started. */
class StepDriverTest {
  private static final JobSpec JOB = Fixtures.lenetJob();
  private static final NodeId DEVICE = Fixtures.DEVICE;

  private long now;
  private final StepDriver driver = driver();

  @Test
  void aResumptionFreesOnlyItsOwnHold() throws Exception {
    assertThat(driver.hold("a")).isEqualTo(7);
    now += 5_000_000;
    assertThat(driver.hold("b")).isEqualTo(7);

    assertThatThrownBy(() -> driver.resume("a"))
        .hasMessage("steps were held last for 'b', not for 'a'");
    now += 5_000_000;
    assertThat(driver.resume("b")).isEqualTo(10);
    assertThat(driver.resume("b")).isEqualTo(10);
    assertThatThrownBy(() -> driver.hold("b")).hasMessage("steps have gone on already after 'b'");
  }

  @Test
  void anActionWhoseHoldWasLostCanBeGivenUp() throws Exception {
    driver.hold("a");
    now += 5_000_000;
    driver.resume("a");

    // the hold of b has not come, and the answer to its first resumption is lost
    assertThat(driver.resume("b")).isZero();
    assertThat(driver.resume("b")).isZero();
    assertThatThrownBy(() -> driver.hold("b")).hasMessage("steps have gone on already after 'b'");
    assertThatThrownBy(() -> driver.resume("a"))
        .hasMessage("steps were held last for 'b', not for 'a'");
    assertThat(driver.hold("c")).isEqualTo(7);
    assertThatThrownBy(() -> driver.resume("d"))
        .hasMessage("steps were held last for 'c', not for 'd'");
  }

  private StepDriver driver() {
    NodeMetrics metrics = new NodeMetrics(DEVICE, () -> now);
    SegmentWorker worker =
        new SegmentWorker(
            JOB,
            JOB.nodes().get(0),
            Assignment.of(
                JOB, DEVICE, 0, new Placement(Collections.nCopies(JOB.layers().size(), DEVICE))),
            7,
            new ScalingCompute(2, true),
            (indices, seconds) -> indices,
            Runnable::run,
            new Pacing(deadline -> {}, () -> now),
            seconds -> 1,
            new TrainingClock(() -> now, 0),
            metrics,
            (to, body) -> {},
            error -> {});
    return new StepDriver(
        worker,
        StepRound.alone(worker, new ClientData(JOB, DEVICE, new DrawnDataset(1, 64), 1)),
        metrics,
        InstantSource.fixed(Instant.EPOCH),
        () -> now,
        7);
  }
}
