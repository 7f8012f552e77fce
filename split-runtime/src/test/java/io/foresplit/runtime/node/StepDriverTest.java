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
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
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

  @Test
  void aHoldTakesEffectWhenAlsoThoseHaveStoppedThatTheStepHasLeftBehind() throws Exception {
    CountDownLatch inStep = new CountDownLatch(1);
    CountDownLatch step = new CountDownLatch(1);
    CountDownLatch settling = new CountDownLatch(1);
    CountDownLatch settled = new CountDownLatch(1);
    StepRound round =
        new StepRound() {
          @Override
          public Result run(long number) throws InterruptedException {
            inStep.countDown();
            step.await();
            return new Result(1, 1, 0);
          }

          @Override
          public void settle() throws InterruptedException {
            settling.countDown();
            settled.await();
          }

          @Override
          public long nextStep() {
            return 8;
          }
        };
    try (StepDriver several = driver(round)) {
      several.start();
      several.resume("start");
      inStep.await();
      AtomicBoolean over = new AtomicBoolean();
      CompletableFuture<Long> held =
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  long next = several.hold("a");
                  assertThat(over).as("held only when settled").isTrue();
                  return next;
                } catch (InterruptedException e) {
                  throw new AssertionError(e);
                }
              });
      while (several.holder().equals("start") || several.holder().isEmpty()) {
        Thread.onSpinWait();
      }
      step.countDown();
      settling.await();
      over.set(true);
      settled.countDown();

      assertThat(held.get(10, TimeUnit.SECONDS)).isEqualTo(8);
    }
  }

  private StepDriver driver() {
    return driver(null);
  }

  private StepDriver driver(@Nullable StepRound round) {
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
    StepDriver created =
        new StepDriver(() -> 0, metrics, InstantSource.fixed(Instant.EPOCH), () -> now);
    created.begin(
        7,
        Optional.of(
            round == null
                ? StepRound.alone(
                    worker, new ClientData(JOB, JOB, DEVICE, new DrawnDataset(1, 64), 1))
                : round));
    return created;
  }
}
