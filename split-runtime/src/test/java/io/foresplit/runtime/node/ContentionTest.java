package io.foresplit.runtime.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.lang.management.ManagementFactory;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;

/** Work that needs processor time, and threads that take it away. */
class ContentionTest {
  private static final LongSupplier PROCESSOR =
      ManagementFactory.getThreadMXBean()::getCurrentThreadCpuTime;

  private long now;
  private long used;

  @Test
  void workTakesAsLongAsDeclaredOnAnIdleProcessor() throws InterruptedException {
    ProcessorPacing pacing = new ProcessorPacing(() -> now, () -> ran(100_000, 1));
    Pacing.Paced<String> paced = pacing.run(0.010, () -> "done");
    assertThat(paced.value()).isEqualTo("done");
    assertThat(paced.seconds()).isCloseTo(0.010, within(2e-4));
  }

  @Test
  void aThreadThatGetsAThirdOfAProcessorTakesThriceAsLong() throws InterruptedException {
    ProcessorPacing pacing = new ProcessorPacing(() -> now, () -> ran(100_000, 3));
    assertThat(pacing.run(0.010, () -> 1).seconds()).isCloseTo(0.030, within(6e-4));
  }

  @Test
  void workThatNeedsMoreIsNotHeldUp() throws InterruptedException {
    ProcessorPacing pacing = new ProcessorPacing(() -> now, () -> used);
    Pacing.Paced<Long> paced = pacing.run(0.010, () -> ran(25_000_000, 1));
    assertThat(paced.seconds()).isCloseTo(0.025, within(1e-9));
  }

  @Test
  void anInterruptEndsTheComputing() {
    ProcessorPacing pacing = new ProcessorPacing(() -> now, () -> used);
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> pacing.run(1, () -> 1)).isInstanceOf(InterruptedException.class);
  }

  /** Lets the thread run, and the world too. */
  private long ran(long nanos, int share) {
    now += nanos * share;
    used += nanos;
    return used;
  }

  @Test
  void asManyThreadsAsTheFactorNeeds() {
    assertThat(Contention.wanted(1, 4)).isZero();
    assertThat(Contention.wanted(3, 1)).isEqualTo(2);
    assertThat(Contention.wanted(3, 2)).isEqualTo(5);
    assertThat(Contention.wanted(1.5, 3)).isEqualTo(3.5);
    assertThat(Contention.wanted(16, 1_000)).isEqualTo(512);
  }

  @Test
  void threadsComeAndGoWithTheFault() throws InterruptedException {
    AtomicReference<Double> factor = new AtomicReference<>(1.0);
    TrainingClock clock = new TrainingClock(System::nanoTime, System.nanoTime());
    Pacer pacer = Pacer.parking(System::nanoTime);
    Contention contention = new Contention(t -> factor.get(), 1, 7, clock, pacer);
    contention.start();
    assertThat(contention.busyThreads()).isZero();
    factor.set(3.5);
    await(contention, 3);
    factor.set(2.0);
    await(contention, 1);
    factor.set(1.0);
    await(contention, 0);
    factor.set(3.0);
    await(contention, 2);
    contention.close();
    await(contention, 0);
    factor.set(4.0);
    boolean unused = new CountDownLatch(1).await(60, TimeUnit.MILLISECONDS);
    assertThat(contention.busyThreads()).isZero();
  }

  @Test
  void realThreadsMakeMeasuredTimeGrow() throws InterruptedException {
    int processors = Runtime.getRuntime().availableProcessors();
    TrainingClock clock = new TrainingClock(System::nanoTime, System.nanoTime());
    ProcessorPacing pacing = new ProcessorPacing(System::nanoTime, PROCESSOR);
    double alone = pacing.run(0.3, () -> 1).seconds();
    double before = alone;
    for (int factor : new int[] {2, 4}) {
      double contended;
      try (Contention contention =
          new Contention(t -> factor, processors, 7, clock, Pacer.parking(System::nanoTime))) {
        contention.start();
        await(contention, factor * processors - 1);
        contended = pacing.run(0.3, () -> 1).seconds();
      }
      System.out.printf(
          "0.3 s of work took %.2f s alone, %.2f s under contention %d%n",
          alone, contended, factor);
      assertThat(contended).isGreaterThan(1.2 * before);
      before = contended;
    }
    assertThat(alone).isGreaterThanOrEqualTo(0.3);
    assertThat(before).isGreaterThan(1.6 * alone);
  }

  private static void await(Contention contention, int threads) throws InterruptedException {
    long giveUp = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (contention.busyThreads() != threads) {
      assertThat(System.nanoTime()).as(threads + " busy threads in time").isLessThan(giveUp);
      boolean unused = new CountDownLatch(1).await(2, TimeUnit.MILLISECONDS);
    }
  }
}
