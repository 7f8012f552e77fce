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
import io.foresplit.runtime.proto.StepClose;
import io.foresplit.runtime.tensor.LayerRun;
import io.foresplit.runtime.tensor.Tensor;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.DoubleUnaryOperator;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does the steps of one segment on the compute thread of the node: each pass as it comes, and one
 * update when all passes of the step are back (docs/adr/0005). A message that is not one the
 * segment waits for (by epoch, step, pass and phase) changes nothing.
 *
 * <p>Methods may be called by any thread; they hand over to the compute thread and do not block,
 * unless said otherwise.
 */
final class SegmentWorker {
  private static final Logger LOG = LoggerFactory.getLogger(SegmentWorker.class);

  private final JobSpec job;
  private final NodeSpec node;
  private final StepDesk desk;
  private final SegmentCompute compute;
  private final Labels labels;
  private final Executor thread;
  private final SegmentPace pace;
  private final TrainingClock clock;
  private final NodeMetrics metrics;
  private final Sender sender;
  private final Consumer<Throwable> fatal;

  // confined to the compute thread
  private @Nullable CompletableFuture<StepOutcome> begunHere;
  private final StepBoundary boundary = new StepBoundary();

  private volatile StepTap tap = StepTap.none();

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

  /** What goes into a pass. */
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
    this.node = node;
    this.compute = compute;
    this.labels = labels;
    this.thread = thread;
    this.clock = clock;
    this.metrics = metrics;
    this.sender = sender;
    this.fatal = fatal;
    desk = new StepDesk(job, node.id(), assignment, nextStep);
    pace = new SegmentPace(job, node, pacing, slowdown, clock, metrics);
    reported = assignment;
    stepsDone = nextStep;
  }

  /** Has someone told what layers take and get from now on. */
  void tap(StepTap told) {
    tap = told;
  }

  /**
   * Does something at a step boundary, on the compute thread.
   *
   * @param work takes the next step
   */
  <T> CompletableFuture<T> betweenSteps(LongFunction<T> work) {
    CompletableFuture<T> outcome = new CompletableFuture<>();
    thread.execute(() -> boundary.run(desk.open() == null, () -> work.apply(desk.nextStep()), outcome));
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
        pace.declared(run.first(), run.last(), l -> l.forwardSeconds() + l.backwardSeconds());
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
   * Begins a step; for a client. Its passes follow one another without waiting for their gradients.
   *
   * @return how it ended, when all segments have done it
   */
  CompletableFuture<StepOutcome> begin(long step, List<PassInput> passes) {
    CompletableFuture<StepOutcome> done = new CompletableFuture<>();
    execute(
        () -> {
          if (!desk.begin(step)) {
            done.completeExceptionally(
                new IllegalStateException(
                    "expected step " + desk.nextStep() + " to begin, was " + step));
            return;
          }
          begunHere = done;
        },
        done::completeExceptionally);
    for (PassInput pass : passes) {
      execute(
          () -> {
            OpenStep begun = desk.open();
            if (begun != null && begun.number() == step && begun.admits(pass.pass())) {
              forward(begun, pass.pass(), node.id(), pass.indices(), pass.input());
            }
          },
          done::completeExceptionally);
    }
    return done;
  }

  /** Takes an activation, a gradient or the end of a step. */
  void accept(Envelope envelope) {
    execute(
        () -> {
          switch (envelope.getBodyCase()) {
            case ACTIVATION -> activation(envelope.getActivation());
            case GRADIENT -> gradient(envelope.getGradient());
            case CLOSE -> closed(envelope.getClose());
            case CHUNK, PROBE, COMMAND, REPORT, BODY_NOT_SET -> {}
          }
        },
        e -> {});
  }

  /** Has the slowdown measured where steps do not tell it, one measurement at a time. */
  void measureReference() {
    if (pace.tells(reported) || !measuring.compareAndSet(false, true)) {
      return;
    }
    execute(
        () -> {
          double unused = pace.reference(desk.assignment());
          measuring.set(false);
        },
        e -> {});
  }

  /** Puts an assignment in force. On the compute thread, at a step boundary. */
  void assign(Assignment next, long step) {
    desk.assign(next, step);
    pace.forgetWait();
    reported = next;
    stepsDone = step;
  }

  private void activation(Activation message) throws InterruptedException {
    NodeId from = message.getClient().isEmpty() ? job.dataOwner() : new NodeId(message.getClient());
    if (desk.tooLate(message)) {
      LOG.info("client {} is too late for step {}: dropped", from, message.getStep());
      sender.send(from, PassMessages.dropped(message));
      return;
    }
    Optional<OpenStep> admitted = desk.admit(message);
    if (admitted.isEmpty()) {
      LOG.warn(
          "an activation of epoch {} step {} is refused: epoch {} step {} is expected{}",
          message.getEpoch(),
          message.getStep(),
          desk.assignment().epoch(),
          desk.nextStep(),
          desk.open() == null ? "" : ", which waits for its gradient");
      return;
    }
    OpenStep step = admitted.get();
    int[] indices = message.getIndicesList().stream().mapToInt(Integer::intValue).toArray();
    pace.endWait();
    forward(step, message.getPass(), from, indices, TensorValues.decode(message.getOutput()));
    if (desk.closesSteps() && desk.isOpen(step)) {
      awaitStragglers(step);
    }
  }

  private void awaitStragglers(OpenStep step) {
    if (step.allBegun()) {
      close(step, step.begun());
    } else if (desk.hasJustItsQuorum(step)) {
      CompletableFuture.delayedExecutor(
              job.scheme().stragglerTimeout().toMillis(), TimeUnit.MILLISECONDS)
          .execute(
              () ->
                  execute(
                      () -> {
                        if (desk.isOpen(step) && !step.closed()) {
                          close(step, step.begun());
                        }
                      },
                      e -> {}));
    }
  }

  private void closed(StepClose message) {
    OpenStep step = desk.open();
    if (step == null
        || message.getEpoch() != desk.assignment().epoch()
        || message.getStep() != step.number()
        || step.closed()) {
      LOG.warn(
          "the end of step {} is refused: step {} is expected",
          message.getStep(),
          desk.nextStep());
      return;
    }
    close(step, message.getPassesList());
  }

  /** These passes are the step. Updates when the last gradient has come before. */
  private void close(OpenStep step, Collection<Integer> passes) {
    long epoch = desk.assignment().epoch();
    List<Integer> members = List.copyOf(passes);
    desk.assignment()
        .downstream()
        .filter(next -> !next.equals(job.dataOwner()))
        .ifPresent(next -> sender.send(next, PassMessages.close(epoch, step.number(), members)));
    if (desk.closesSteps()) {
      sender.send(job.dataOwner(), PassMessages.close(epoch, step.number(), members));
    }
    step.close(members);
    if (step.complete()) {
      metrics.add(Metric.GRADIENT_NORM, compute.update(step.samples()));
      advance(step);
      finish(step);
    }
  }

  private void forward(OpenStep step, int pass, NodeId from, int[] indices, Tensor input)
      throws InterruptedException {
    Assignment assignment = desk.assignment();
    step.begin(pass, new OpenStep.Pass(from, indices.length));
    Tensor output = input;
    if (assignment.upstream().isEmpty()) {
      metrics.add(Metric.INPUT_MEAN, input.mean());
      metrics.add(Metric.INPUT_VARIANCE, input.variance());
    }
    if (assignment.holdsLayers()) {
      double declared = pace.declared(assignment, LayerProfile::forwardSeconds, indices.length);
      Pacing.Paced<SegmentCompute.Output> done =
          pace.run(declared, () -> compute.forward(pass, input));
      pace.computed(assignment, done.seconds(), declared);
      step.addForward(done.seconds());
      if (step.allBegun()) {
        metrics.add(Metric.FORWARD_SECONDS, step.forwardSeconds());
      }
      metrics.add(Metric.ACTIVATION_MEAN, done.value().mean());
      metrics.add(Metric.ACTIVATION_VARIANCE, done.value().variance());
      output = done.value().output();
    }
    if (assignment.downstream().isPresent()) {
      sender.send(
          neighbour(assignment.downstream().get(), from),
          PassMessages.activation(
              assignment.epoch(),
              step.number(),
              pass,
              Optional.of(from).filter(id -> !id.equals(job.dataOwner())),
              indices,
              output));
      if (assignment.holdsLayers()) {
        tap.inputs(step.number(), compute.recordedInputs());
      }
      pace.beginWait();
      return;
    }
    tap.inputs(step.number(), compute.recordedInputs());
    int[] truth = labels.of(indices, clock.now());
    SegmentCompute.Loss loss = backward(step, pass, () -> compute.lossAndBackward(pass, truth));
    metrics.add(ComponentId.JOB, Metric.LOSS, loss.loss());
    passDone(step, pass, loss);
  }

  private void gradient(Gradient message) throws InterruptedException {
    OpenStep step = desk.open();
    Assignment assignment = desk.assignment();
    int pass = message.getPass();
    if (step == null
        || (message.getEpoch() != assignment.epoch() && !message.getDropped())
        || message.getStep() != step.number()
        || !step.awaits(pass)) {
      LOG.warn(
          "a gradient of epoch {} step {} is refused: epoch {} step {} is expected",
          message.getEpoch(),
          message.getStep(),
          assignment.epoch(),
          desk.nextStep());
      return;
    }
    pace.endWait();
    if (message.getDropped()) {
      drop(step);
      return;
    }
    if (!assignment.holdsLayers()) {
      passDone(step, pass, new SegmentCompute.Loss(message.getLoss(), Optional.empty()));
      return;
    }
    Tensor received = TensorValues.decode(message.getGradient());
    passDone(
        step,
        pass,
        backward(
            step,
            pass,
            () -> new SegmentCompute.Loss(message.getLoss(), compute.backward(pass, received))));
  }

  /** A backward pass, with the update when it is the last one of its step. */
  private SegmentCompute.Loss backward(OpenStep step, int pass, Supplier<SegmentCompute.Loss> work)
      throws InterruptedException {
    Assignment assignment = desk.assignment();
    double declared =
        pace.declared(assignment, LayerProfile::backwardSeconds, step.pass(pass).samples());
    boolean last = step.endsWith(pass);
    double[] norm = new double[1];
    Pacing.Paced<SegmentCompute.Loss> done =
        pace.run(
            declared,
            () -> {
              SegmentCompute.Loss loss = work.get();
              if (last) {
                norm[0] = compute.update(step.samples());
              }
              return loss;
            });
    pace.computed(assignment, done.seconds(), declared);
    step.addBackward(done.seconds());
    if (last) {
      metrics.add(Metric.GRADIENT_NORM, norm[0]);
    }
    return done.value();
  }

  /** Tells the segment before, and commits the step here when it was its last pass. */
  private void passDone(OpenStep step, int pass, SegmentCompute.Loss loss) {
    Assignment assignment = desk.assignment();
    step.done(pass, loss.loss());
    boolean complete = step.complete();
    if (complete) {
      advance(step);
    }
    if (assignment.upstream().isPresent()) {
      sender.send(
          neighbour(assignment.upstream().get(), step.pass(pass).client()),
          PassMessages.gradient(assignment.epoch(), step.number(), pass, loss));
      pace.beginWait();
    }
    if (complete) {
      finish(step);
    }
  }

  /** The step is committed here. */
  private void advance(OpenStep step) {
    desk.end(step);
    stepsDone = desk.nextStep();
    boolean holdsLayers = desk.assignment().holdsLayers();
    pace.reportWait(holdsLayers);
    if (holdsLayers) {
      metrics.add(Metric.BACKWARD_SECONDS, step.backwardSeconds());
    }
  }

  private void finish(OpenStep step) {
    if (desk.assignment().holdsLayers()) {
      tap.gradients(step.number(), compute.recordedGradients());
    }
    tell(new StepOutcome(step.loss(), step.samplesDone(), false));
  }

  /** The step has gone on without this client. */
  private void drop(OpenStep step) {
    step.begun().forEach(compute::drop);
    desk.end(step);
    stepsDone = desk.nextStep();
    tell(new StepOutcome(0, 0, true));
  }

  private void tell(StepOutcome outcome) {
    boundary.reached();
    CompletableFuture<StepOutcome> told = begunHere;
    begunHere = null;
    if (told != null) {
      told.complete(outcome);
    }
  }

  /** Where the data owner stands for all clients, the one whose pass it is. */
  private NodeId neighbour(NodeId next, NodeId from) {
    return next.equals(job.dataOwner()) ? from : next;
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
