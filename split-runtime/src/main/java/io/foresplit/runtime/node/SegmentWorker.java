package io.foresplit.runtime.node;

import io.foresplit.contract.ComponentId;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.LayerProfile;
import io.foresplit.contract.Metric;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.NodeSpec;
import io.foresplit.runtime.link.LinkCompressions;
import io.foresplit.runtime.proto.Activation;
import io.foresplit.runtime.proto.Envelope;
import io.foresplit.runtime.proto.Gradient;
import io.foresplit.runtime.tensor.LayerRun;
import io.foresplit.runtime.tensor.Tensor;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.DoubleUnaryOperator;
import java.util.function.LongConsumer;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does the steps of one segment on the compute thread of the node. A message that is not the one
 * the segment waits for (by epoch, step and phase) changes nothing.
 *
 * <p>Methods may be called by any thread; they hand over to the compute thread and do not block,
 * unless said otherwise.
 */
final class SegmentWorker {
  private static final Logger LOG = LoggerFactory.getLogger(SegmentWorker.class);

  private final JobSpec job;
  private final NodeSpec node;
  private final SegmentCompute compute;
  private final Labels labels;
  private final Executor thread;
  private final SegmentPace pace;
  private final TrainingClock clock;
  private final NodeMetrics metrics;
  private final Sender sender;
  private final Consumer<Throwable> fatal;

  // confined to the compute thread
  private Assignment assignment;
  private long nextStep;
  private @Nullable Pending pending;
  private StepTensors tensors;
  private final InputWait wait;
  private final StepBoundary boundary = new StepBoundary();

  private boolean abandoned;

  private volatile StepTap tap = StepTap.none();
  private volatile LongConsumer atBoundary = step -> {};

  // for reports, by any thread
  private volatile Assignment reported;
  private volatile long stepsDone;
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

  /** A step between its forward and its backward pass. */
  private record Pending(long step, Optional<CompletableFuture<Double>> done) {}

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
    this.node = node;
    this.assignment = assignment;
    this.nextStep = nextStep;
    this.compute = compute;
    this.labels = labels;
    this.thread = thread;
    wait = new InputWait(clock);
    pace = new SegmentPace(job, node, pacing, slowdown, clock);
    this.clock = clock;
    this.metrics = metrics;
    this.sender = sender;
    this.fatal = fatal;
    tensors = new StepTensors(job, node.id(), 0, LinkCompressions.none());
    reported = assignment;
    stepsDone = nextStep;
  }

  /** Has someone told what layers take and get from now on. */
  void tap(StepTap told) {
    tap = told;
  }

  /** Has someone told, on the compute thread, of each step that is done here, by the next one. */
  void atBoundaries(LongConsumer told) {
    atBoundary = told;
  }

  /**
   * Drops the step that is open here, and takes part in none before the next assignment.
   *
   * @return the first step that has not been done here
   */
  CompletableFuture<Long> abandon() {
    CompletableFuture<Long> outcome = new CompletableFuture<>();
    thread.execute(
        () -> {
          abandoned = true;
          Pending dropped = pending;
          if (dropped != null) {
            pending = null;
            compute.abandon();
            dropped.done().ifPresent(done -> done.cancel(false));
          }
          outcome.complete(nextStep);
        });
    return outcome;
  }

  /**
   * Does something at a step boundary, on the compute thread.
   *
   * @param work takes the next step
   */
  <T> CompletableFuture<T> betweenSteps(LongFunction<T> work) {
    CompletableFuture<T> outcome = new CompletableFuture<>();
    thread.execute(() -> boundary.run(pending == null, () -> work.apply(nextStep), outcome));
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
    return reported;
  }

  /** Steps this segment has committed, or knows of from its last assignment. */
  long steps() {
    return stepsDone;
  }

  /**
   * Begins a step; for the data owner.
   *
   * @return the loss, when all segments have done it
   */
  CompletableFuture<Double> begin(long step, int[] indices, Tensor input) {
    CompletableFuture<Double> done = new CompletableFuture<>();
    execute(
        () -> {
          if (abandoned) {
            done.cancel(false);
            return;
          }
          if (step != nextStep || pending != null) {
            done.completeExceptionally(
                new IllegalStateException("expected step " + nextStep + " to begin, was " + step));
            return;
          }
          forward(step, indices, input, Optional.of(done));
        },
        done::completeExceptionally);
    return done;
  }

  /** Takes an activation or a gradient; done when it has been worked on. */
  CompletionStage<Void> accept(Envelope envelope) {
    CompletableFuture<Void> over = new CompletableFuture<>();
    execute(
        () -> {
          try {
            switch (envelope.getBodyCase()) {
              case ACTIVATION -> {
                if (isFrom(envelope, assignment.upstream())) {
                  activation(envelope.getActivation());
                }
              }
              case GRADIENT -> {
                if (isFrom(envelope, assignment.downstream())) {
                  gradient(envelope.getGradient());
                }
              }
              case CHUNK, PROBE, BODY_NOT_SET -> {}
            }
          } finally {
            over.complete(null);
          }
        },
        e -> {});
    return over;
  }

  private static boolean isFrom(Envelope envelope, Optional<NodeId> expected) {
    boolean is = expected.map(NodeId::value).filter(envelope.getFrom()::equals).isPresent();
    if (!is) {
      LOG.warn(
          "a tensor from {} is refused: one from {} is expected",
          envelope.getFrom(),
          expected.map(NodeId::value).orElse("nobody"));
    }
    return is;
  }

  /** Has the slowdown measured where steps do not tell it, one measurement at a time. */
  void measureReference() {
    if (pace.tells(reported) || !measuring.compareAndSet(false, true)) {
      return;
    }
    execute(
        () -> {
          double declared = pace.referenceSeconds(assignment);
          double seconds = pace.run(declared, () -> true).seconds();
          measuring.set(false);
          if (!pace.tells(assignment)) {
            metrics.compute(seconds, declared);
          }
        },
        e -> {});
  }

  /** Puts an assignment in force. On the compute thread, at a step boundary. */
  void assign(Assignment next, long step) {
    requireBoundary();
    assignment = next;
    abandoned = false;
    nextStep = step;
    wait.forget();
    reported = next;
    stepsDone = step;
  }

  /**
   * Compresses what goes over links so from the next step on. On the compute thread, at a step
   * boundary.
   *
   * @param seed of the rounding
   */
  void compress(LinkCompressions links, long seed) {
    requireBoundary();
    tensors = new StepTensors(job, node.id(), seed, links);
  }

  private void requireBoundary() {
    if (pending != null) {
      throw new IllegalStateException(
          "node " + node.id() + " is within step " + pending.step() + ", not at a boundary");
    }
  }

  private void activation(Activation message) throws InterruptedException {
    if (message.getEpoch() != assignment.epoch()
        || message.getStep() != nextStep
        || pending != null
        || abandoned
        || !assignment.holdsLayers()
        || assignment.upstream().isEmpty()) {
      LOG.warn(
          "an activation of epoch {} step {} is refused: epoch {} step {} is expected{}",
          message.getEpoch(),
          message.getStep(),
          assignment.epoch(),
          nextStep,
          pending == null ? "" : ", which waits for its gradient");
      return;
    }
    int[] indices;
    Tensor input;
    try {
      indices = ReceivedTensors.indices(message, job.batchSize());
      input = tensors.activation(message.getOutput(), assignment.firstLayer());
      ReceivedTensors.requireOneRowEach(input, indices.length);
      if (assignment.downstream().isEmpty()) {
        int[] unused = labels.of(indices, clock.now());
      }
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      LOG.warn("the activation of step {} is refused: {}", message.getStep(), e.getMessage());
      return;
    }
    wait.end();
    forward(message.getStep(), indices, input, Optional.empty());
  }

  private void forward(
      long step, int[] indices, Tensor input, Optional<CompletableFuture<Double>> done)
      throws InterruptedException {
    pending = new Pending(step, done);
    Tensor output = input;
    if (assignment.upstream().isEmpty()) {
      metrics.add(Metric.INPUT_MEAN, input.mean());
      metrics.add(Metric.INPUT_VARIANCE, input.variance());
    }
    if (assignment.holdsLayers()) {
      double declared = pace.declared(assignment, LayerProfile::forwardSeconds);
      Pacing.Paced<SegmentCompute.Output> pass;
      try {
        pass = pace.run(declared, () -> compute.forward(input));
      } catch (IllegalArgumentException e) {
        if (done.isPresent()) {
          throw e; // the node's own batch
        }
        pending = null;
        LOG.warn("the activation of step {} is refused: {}", step, e.getMessage());
        return;
      }
      computed(pass.seconds(), declared);
      metrics.add(Metric.FORWARD_SECONDS, pass.seconds());
      metrics.add(Metric.ACTIVATION_MEAN, pass.value().mean());
      metrics.add(Metric.ACTIVATION_VARIANCE, pass.value().variance());
      output = pass.value().output();
    }
    if (assignment.downstream().isPresent()) {
      sender.send(
          assignment.downstream().get(),
          Envelope.newBuilder()
              .setActivation(
                  Activation.newBuilder()
                      .setEpoch(assignment.epoch())
                      .setStep(step)
                      .addAllIndices(Arrays.stream(indices).boxed().toList())
                      .setOutput(
                          tensors.activation(
                              assignment.downstream().get(),
                              step,
                              output,
                              assignment.lastLayer()))));
      if (assignment.holdsLayers()) {
        tap.inputs(step, compute.recordedInputs());
      }
      wait.begin();
      return;
    }
    tap.inputs(step, compute.recordedInputs());
    double declared = pace.declared(assignment, LayerProfile::backwardSeconds);
    int[] truth = labels.of(indices, clock.now());
    Pacing.Paced<SegmentCompute.Loss> pass =
        pace.run(declared, () -> compute.lossAndBackward(truth));
    backwardDone(pass.seconds(), declared, pass.value().backward().gradientNorm());
    metrics.add(ComponentId.JOB, Metric.LOSS, pass.value().loss());
    finish(pass.value().loss(), pass.value().backward().inputGradient());
  }

  private void gradient(Gradient message) throws InterruptedException {
    if (message.getEpoch() != assignment.epoch()
        || pending == null
        || message.getStep() != pending.step()) {
      LOG.warn(
          "a gradient of epoch {} step {} is refused: epoch {} step {} is expected",
          message.getEpoch(),
          message.getStep(),
          assignment.epoch(),
          nextStep);
      return;
    }
    if (!assignment.holdsLayers()) {
      wait.end();
      finish(message.getLoss(), Optional.empty());
      return;
    }
    Tensor received;
    try {
      received = tensors.gradient(message.getGradient());
    } catch (IllegalArgumentException e) {
      LOG.warn("the gradient of step {} is refused: {}", message.getStep(), e.getMessage());
      return;
    }
    wait.end();
    double declared = pace.declared(assignment, LayerProfile::backwardSeconds);
    Pacing.Paced<SegmentCompute.Backward> pass =
        pace.run(declared, () -> compute.backward(received));
    backwardDone(pass.seconds(), declared, pass.value().gradientNorm());
    finish(message.getLoss(), pass.value().inputGradient());
  }

  private void backwardDone(double seconds, double declared, double gradientNorm) {
    computed(seconds, declared);
    metrics.add(Metric.BACKWARD_SECONDS, seconds);
    metrics.add(Metric.GRADIENT_NORM, gradientNorm);
  }

  private void computed(double seconds, double declared) {
    if (pace.tells(assignment)) {
      metrics.compute(seconds, declared);
    }
  }

  /** Commits the step here and tells the segment before. */
  private void finish(double loss, Optional<Tensor> inputGradient) {
    Pending finished = pending;
    if (finished == null) {
      throw new IllegalStateException("no step is to be finished");
    }
    pending = null;
    nextStep = finished.step() + 1;
    stepsDone = nextStep;
    if (assignment.holdsLayers()) {
      metrics.add(Metric.QUEUE_WAIT_SECONDS, wait.waited());
    }
    wait.nextStep();
    if (assignment.upstream().isPresent()) {
      NodeId upstream = assignment.upstream().get();
      Gradient.Builder gradient =
          Gradient.newBuilder().setEpoch(assignment.epoch()).setStep(finished.step()).setLoss(loss);
      inputGradient.ifPresent(
          tensor ->
              gradient.setGradient(
                  tensors.gradient(finished.step(), tensor, assignment.firstLayer())));
      sender.send(upstream, Envelope.newBuilder().setGradient(gradient));
      wait.begin();
    }
    if (assignment.holdsLayers()) {
      tap.gradients(finished.step(), compute.recordedGradients());
    }
    boundary.reached();
    atBoundary.accept(nextStep);
    finished.done().ifPresent(done -> done.complete(loss));
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
