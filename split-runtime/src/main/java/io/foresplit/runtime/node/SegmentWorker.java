package io.foresplit.runtime.node;

import io.foresplit.contract.JobSpec;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.NodeSpec;
import io.foresplit.runtime.link.LinkCompressions;
import io.foresplit.runtime.proto.Envelope;
import io.foresplit.runtime.tensor.LayerRun;
import io.foresplit.runtime.tensor.Tensor;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.DoubleUnaryOperator;
import java.util.function.LongConsumer;
import java.util.function.LongFunction;

/**
 * Has the steps of one segment done by {@link SegmentPasses} on the compute thread of the node.
 *
 * <p>Methods may be called by any thread; they hand over to the compute thread and do not block,
 * unless said otherwise.
 */
final class SegmentWorker {
  private final JobSpec job;
  private final Executor thread;
  private final SegmentPace pace;
  private final NodeMetrics metrics;
  private final Consumer<Throwable> fatal;
  private final SegmentPasses passes;

  // for reports, by any thread
  private final AtomicBoolean measuring = new AtomicBoolean();

  /** Where messages go. */
  @FunctionalInterface
  interface Sender {
    void send(NodeId to, Envelope.Builder body);
  }

  /** Labels of samples at a moment, in seconds since training began. */
  @FunctionalInterface
  interface Labels {
    int[] of(int[] indices, double seconds);
  }

  /** What goes into a pass. */
  @SuppressWarnings("ArrayRecordComponent")
  record PassInput(int pass, int[] indices, Tensor input) {}

  /**
   * How a step ended for a client.
   *
   * @param loss mean over its samples, nats; 0 when it was dropped
   * @param dropped the step has gone on without this client
   */
  record StepOutcome(double loss, int samples, boolean dropped) {}

  SegmentWorker(
      JobSpec job,
      NodeSpec node,
      Assignment assignment,
      long nextStep,
      SegmentCompute compute,
      Labels labels,
      Executor thread,
      Pacing pacing,
      DoubleUnaryOperator slowdown,
      TrainingClock clock,
      NodeMetrics metrics,
      Sender sender,
      Consumer<Throwable> fatal) {
    this.job = job;
    this.thread = thread;
    this.metrics = metrics;
    this.fatal = fatal;
    pace = new SegmentPace(job, node, pacing, slowdown, clock);
    passes =
        new SegmentPasses(
            job,
            node.id(),
            new StepDesk(job, node.id(), assignment, nextStep),
            compute,
            labels,
            pace,
            metrics,
            sender,
            (wait, work) ->
                CompletableFuture.delayedExecutor(wait.toMillis(), TimeUnit.MILLISECONDS)
                    .execute(() -> execute(work::run, e -> {})));
  }

  /** Has someone told what layers take and get from now on. */
  void tap(StepTap told) {
    passes.tap(told);
  }

  /** Has someone told, on the compute thread, of each step that is done here, by the next one. */
  void atBoundaries(LongConsumer told) {
    passes.atBoundaries(told);
  }

  /** Has told of a boundary now: up to it, steps have gone on without this client. */
  void missed(long step) {
    passes.missed(step);
  }

  /**
   * Drops the step that is open here, and takes part in none before the next assignment.
   *
   * @return the first step that has not been done here
   */
  CompletableFuture<Long> abandon() {
    CompletableFuture<Long> outcome = new CompletableFuture<>();
    thread.execute(() -> outcome.complete(passes.abandon()));
    return outcome;
  }

  /**
   * Does something at a step boundary, on the compute thread.
   *
   * @param work takes the next step
   */
  <T> CompletableFuture<T> betweenSteps(LongFunction<T> work) {
    CompletableFuture<T> outcome = new CompletableFuture<>();
    thread.execute(() -> passes.betweenSteps(work, outcome));
    return outcome;
  }

  /**
   * Repeats a step on layers that are not part of the segment, as fast as this node is; on the
   * compute thread.
   *
   * @return seconds it took
   */
  double replay(SegmentCompute.Replica replica, LayerRun run, Tensor input, Tensor gradient)
      throws InterruptedException {
    ReceivedTensors.requireRows(input, job.batchSize());
    double declared = pace.declared(run.first(), run.last(), SegmentPace.BOTH_PASSES);
    return pace.run(declared, () -> replica.replay(input, gradient)).seconds();
  }

  /** What the node has to do now. */
  Assignment assignment() {
    return passes.reported();
  }

  /** Steps this segment has committed, or knows of from its last assignment. */
  long steps() {
    return passes.stepsDone();
  }

  /**
   * Begins a step; for a client. Its passes follow one another without waiting for their gradients,
   * and what has come meanwhile is done between them.
   *
   * @return how it ended, when all segments have done it; cancelled when it was given up
   */
  CompletableFuture<StepOutcome> begin(long step, List<PassInput> inputs) {
    CompletableFuture<StepOutcome> done = new CompletableFuture<>();
    execute(() -> passes.begin(step, done), done::completeExceptionally);
    for (PassInput input : inputs) {
      execute(() -> passes.ownPass(done, input), done::completeExceptionally);
    }
    return done;
  }

  /** Takes an activation, a gradient or the end of a step; done when it has been worked on. */
  CompletionStage<Void> accept(Envelope envelope) {
    CompletableFuture<Void> over = new CompletableFuture<>();
    execute(
        () -> {
          try {
            passes.accept(envelope);
          } finally {
            over.complete(null);
          }
        },
        e -> {});
    return over;
  }

  /** Has the slowdown measured where steps do not tell it, one measurement at a time. */
  void measureReference() {
    if (pace.tells(assignment()) || !measuring.compareAndSet(false, true)) {
      return;
    }
    execute(
        () -> {
          double declared = pace.referenceSeconds(assignment());
          double seconds = pace.run(declared, () -> true).seconds();
          measuring.set(false);
          if (!pace.tells(assignment())) {
            metrics.compute(seconds, declared);
          }
        },
        e -> {});
  }

  /** Puts an assignment in force. On the compute thread, at a step boundary. */
  void assign(Assignment next, long step) {
    passes.assign(next, step);
  }

  /**
   * Compresses what goes over links so from the next step on. On the compute thread, at a step
   * boundary.
   *
   * @param seed of the rounding
   */
  void compress(LinkCompressions links, long seed) {
    passes.compress(links, seed);
  }

  /** Work of the compute thread. */
  @FunctionalInterface
  private interface Work {
    void run() throws InterruptedException;
  }

  private void execute(Work work, Consumer<Throwable> failed) {
    thread.execute(
        () -> {
          try {
            work.run();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            failed.accept(e);
          } catch (RuntimeException | Error e) {
            failed.accept(e);
            fatal.accept(e);
          }
        });
  }
}
