package io.foresplit.runtime.node;

import io.foresplit.contract.ComponentId;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.LayerProfile;
import io.foresplit.contract.Metric;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.NodeSpec;
import io.foresplit.runtime.proto.Activation;
import io.foresplit.runtime.proto.Envelope;
import io.foresplit.runtime.proto.Gradient;
import io.foresplit.runtime.tensor.LayerRun;
import io.foresplit.runtime.tensor.Tensor;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.DoubleUnaryOperator;
import java.util.function.LongConsumer;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
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

  /**
   * Length of the reference pause by which a node knows its slowdown when its layers, if it has
   * any, are too light to tell: fixed costs of a pass would pass for slowness.
   */
  private static final double REFERENCE_SHARE = 0.2;

  private static final double REFERENCE_SHARE_BESIDE_LAYERS = 0.04;

  /** Least declared seconds of a step by which a node's slowdown is measured. */
  private static final double TELLING_SECONDS = 0.01;

  private final JobSpec job;
  private final NodeSpec node;
  private final SegmentCompute compute;
  private final Labels labels;
  private final Executor thread;
  private final Pacing pacing;
  private final DoubleUnaryOperator slowdown;
  private final TrainingClock clock;
  private final NodeMetrics metrics;
  private final Sender sender;
  private final Consumer<Throwable> fatal;

  // confined to the compute thread
  private Assignment assignment;
  private long nextStep;
  private @Nullable Pending pending;
  private double waitingSince = Double.NaN;
  private double waited;
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
    this.pacing = pacing;
    this.slowdown = slowdown;
    this.clock = clock;
    this.metrics = metrics;
    this.sender = sender;
    this.fatal = fatal;
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
    double declared =
        declared(run.first(), run.last(), l -> l.forwardSeconds() + l.backwardSeconds());
    return paced(declared, () -> replica.replay(input, gradient)).seconds();
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

  /** Takes an activation or a gradient. */
  void accept(Envelope envelope) {
    execute(
        () -> {
          switch (envelope.getBodyCase()) {
            case ACTIVATION -> activation(envelope.getActivation());
            case GRADIENT -> gradient(envelope.getGradient());
            case CHUNK, PROBE, BODY_NOT_SET -> {}
          }
        },
        e -> {});
  }

  /** Has the slowdown measured where steps do not tell it, one measurement at a time. */
  void measureReference() {
    if (tells(reported) || !measuring.compareAndSet(false, true)) {
      return;
    }
    execute(
        () -> {
          double share = assignment.holdsLayers() ? REFERENCE_SHARE_BESIDE_LAYERS : REFERENCE_SHARE;
          double declared = share * job.interval().toMillis() / 1e3;
          double seconds = paced(declared, () -> true).seconds();
          measuring.set(false);
          if (!tells(assignment)) {
            metrics.compute(seconds, declared);
          }
        },
        e -> {});
  }

  /** Whether the layers of an assignment are heavy enough to tell the node's slowdown. */
  private boolean tells(Assignment of) {
    return declared(of, l -> l.forwardSeconds() + l.backwardSeconds()) >= TELLING_SECONDS;
  }

  /** Puts an assignment in force. On the compute thread, at a step boundary. */
  void assign(Assignment next, long step) {
    if (pending != null) {
      throw new IllegalStateException(
          "node " + node.id() + " is within step " + pending.step() + ", not at a boundary");
    }
    assignment = next;
    abandoned = false;
    nextStep = step;
    waitingSince = Double.NaN;
    reported = next;
    stepsDone = step;
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
    int[] indices = message.getIndicesList().stream().mapToInt(Integer::intValue).toArray();
    endWait();
    forward(message.getStep(), indices, TensorValues.decode(message.getOutput()), Optional.empty());
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
      double declared = declared(assignment, LayerProfile::forwardSeconds);
      Pacing.Paced<SegmentCompute.Output> pass = paced(declared, () -> compute.forward(input));
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
                      .setOutput(TensorValues.encode(output))));
      if (assignment.holdsLayers()) {
        tap.inputs(step, compute.recordedInputs());
      }
      beginWait();
      return;
    }
    tap.inputs(step, compute.recordedInputs());
    double declared = declared(assignment, LayerProfile::backwardSeconds);
    int[] truth = labels.of(indices, clock.now());
    Pacing.Paced<SegmentCompute.Loss> pass = paced(declared, () -> compute.lossAndBackward(truth));
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
    endWait();
    if (!assignment.holdsLayers()) {
      finish(message.getLoss(), Optional.empty());
      return;
    }
    Tensor received = TensorValues.decode(message.getGradient());
    double declared = declared(assignment, LayerProfile::backwardSeconds);
    Pacing.Paced<SegmentCompute.Backward> pass = paced(declared, () -> compute.backward(received));
    backwardDone(pass.seconds(), declared, pass.value().gradientNorm());
    finish(message.getLoss(), pass.value().inputGradient());
  }

  private void backwardDone(double seconds, double declared, double gradientNorm) {
    computed(seconds, declared);
    metrics.add(Metric.BACKWARD_SECONDS, seconds);
    metrics.add(Metric.GRADIENT_NORM, gradientNorm);
  }

  private void computed(double seconds, double declared) {
    if (tells(assignment)) {
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
      metrics.add(Metric.QUEUE_WAIT_SECONDS, waited);
    }
    waited = 0;
    if (assignment.upstream().isPresent()) {
      Gradient.Builder gradient =
          Gradient.newBuilder().setEpoch(assignment.epoch()).setStep(finished.step()).setLoss(loss);
      inputGradient.ifPresent(tensor -> gradient.setGradient(TensorValues.encode(tensor)));
      sender.send(assignment.upstream().get(), Envelope.newBuilder().setGradient(gradient));
      beginWait();
    }
    if (assignment.holdsLayers()) {
      tap.gradients(finished.step(), compute.recordedGradients());
    }
    boundary.reached();
    atBoundary.accept(nextStep);
    finished.done().ifPresent(done -> done.complete(loss));
  }

  private void beginWait() {
    waitingSince = clock.now();
  }

  /** Input is there: adds the time since the segment was ready for it. */
  private void endWait() {
    if (!Double.isNaN(waitingSince)) {
      waited += clock.now() - waitingSince;
      waitingSince = Double.NaN;
    }
  }

  private double declared(Assignment of, ToDoubleFunction<LayerProfile> cost) {
    return of.holdsLayers() ? declared(of.firstLayer(), of.lastLayer(), cost) : 0;
  }

  private double declared(int first, int last, ToDoubleFunction<LayerProfile> cost) {
    double seconds = 0;
    for (int layer = first; layer <= last; layer++) {
      seconds += cost.applyAsDouble(job.layers().get(layer));
    }
    return seconds / node.speed();
  }

  private <T> Pacing.Paced<T> paced(double declared, Supplier<T> work) throws InterruptedException {
    return pacing.run(declared * slowdown.applyAsDouble(clock.now()), work);
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
