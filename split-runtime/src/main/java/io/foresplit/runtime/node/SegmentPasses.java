package io.foresplit.runtime.node;

import io.foresplit.contract.ComponentId;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.LayerProfile;
import io.foresplit.contract.Metric;
import io.foresplit.contract.NodeId;
import io.foresplit.runtime.link.LinkCompressions;
import io.foresplit.runtime.proto.Activation;
import io.foresplit.runtime.proto.Envelope;
import io.foresplit.runtime.proto.Gradient;
import io.foresplit.runtime.proto.TensorValue;
import io.foresplit.runtime.tensor.Tensor;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongConsumer;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The steps of one segment: each pass as it comes, and one update when all passes of the step are
 * back (docs/adr/0005). A message that is not one the segment waits for (by origin, epoch, step,
 * pass and phase) changes nothing. Confined to the compute thread, but for what is volatile.
 */
final class SegmentPasses {
  private static final Logger LOG = LoggerFactory.getLogger(SegmentPasses.class);

  private final JobSpec job;
  private final NodeId self;
  private final StepDesk desk;
  private final SegmentCompute compute;
  private final SegmentWorker.Labels labels;
  private final SegmentPace pace;
  private final NodeMetrics metrics;
  private final SegmentWorker.Sender sender;
  private final StepClosing closing;
  private final InputWait wait;
  private final StepBoundary boundary = new StepBoundary();
  private StepTensors tensors;
  private @Nullable CompletableFuture<SegmentWorker.StepOutcome> begunHere;

  private volatile StepTap tap = StepTap.none();
  private volatile LongConsumer atBoundary = step -> {};
  private volatile Assignment reported;
  private volatile long stepsDone;

  SegmentPasses(
      JobSpec job,
      NodeId self,
      StepDesk desk,
      SegmentCompute compute,
      SegmentWorker.Labels labels,
      SegmentPace pace,
      NodeMetrics metrics,
      SegmentWorker.Sender sender,
      StepClosing.Later later) {
    this.job = job;
    this.self = self;
    this.desk = desk;
    this.compute = compute;
    this.labels = labels;
    this.pace = pace;
    this.metrics = metrics;
    this.sender = sender;
    closing = new StepClosing(job, desk, sender, later, this::closed);
    wait = new InputWait(pace.clock());
    tensors = new StepTensors(job, self, 0, LinkCompressions.none());
    reported = desk.assignment();
    stepsDone = desk.nextStep();
  }

  void tap(StepTap told) {
    tap = told;
  }

  void atBoundaries(LongConsumer told) {
    atBoundary = told;
  }

  /** Steps up to this one that went on without this client have not changed it. */
  void missed(long step) {
    if (step > stepsDone) {
      atBoundary.accept(step);
    }
  }

  Assignment reported() {
    return reported;
  }

  long stepsDone() {
    return stepsDone;
  }

  <T> void betweenSteps(LongFunction<T> work, CompletableFuture<T> outcome) {
    boundary.run(desk.open() == null, () -> work.apply(desk.nextStep()), outcome);
  }

  /** See {@link SegmentWorker#abandon}. */
  long abandon() {
    if (desk.abandon()) {
      compute.abandon();
      tensors.end();
      CompletableFuture<SegmentWorker.StepOutcome> given = begunHere;
      begunHere = null;
      if (given != null) {
        given.cancel(false);
      }
    }
    return desk.nextStep();
  }

  void assign(Assignment next, long step) {
    desk.assign(next, step);
    wait.forget();
    reported = next;
    stepsDone = step;
  }

  void compress(LinkCompressions links, long seed) {
    desk.requireBoundary();
    tensors = new StepTensors(job, self, seed, links);
  }

  /** A step of this client begins. */
  void begin(long step, CompletableFuture<SegmentWorker.StepOutcome> done) {
    if (desk.abandoned()) {
      done.cancel(false);
    } else if (desk.begin(step)) {
      missed(step);
      begunHere = done;
    } else {
      done.completeExceptionally(
          new IllegalStateException("expected step " + desk.nextStep() + " to begin, was " + step));
    }
  }

  /** A pass of the step that this client has begun, unless that is over. */
  void ownPass(CompletableFuture<SegmentWorker.StepOutcome> begun, SegmentWorker.PassInput pass)
      throws InterruptedException {
    OpenStep step = desk.open();
    if (step != null && begunHere == begun && step.admits(pass.pass())) {
      forward(step, pass.pass(), pass.indices(), pass.input());
    }
  }

  /** Takes a message of another segment. */
  void accept(Envelope envelope) throws InterruptedException {
    NodeId from = new NodeId(envelope.getFrom());
    Assignment own = desk.assignment();
    switch (envelope.getBodyCase()) {
      case ACTIVATION -> {
        int pass = envelope.getActivation().getPass();
        if (desk.isFrom(from, own.upstream(), pass)) {
          activation(envelope.getActivation());
        }
      }
      case GRADIENT -> {
        int pass = envelope.getGradient().getPass();
        if (desk.isFrom(from, own.downstream(), pass)) {
          gradient(envelope.getGradient());
        }
      }
      case CLOSE -> {
        if (own.upstream().equals(Optional.of(from))) {
          closing.accept(envelope.getClose());
        }
      }
      case CHUNK, PROBE, COMMAND, REPORT, BODY_NOT_SET -> {}
    }
  }

  private void activation(Activation message) throws InterruptedException {
    int pass = message.getPass();
    if (desk.tooLate(message)) {
      LOG.info("client {} is too late for step {}: dropped", desk.client(pass), message.getStep());
      sender.send(desk.client(pass), PassMessages.dropped(message));
      return;
    }
    Optional<OpenStep> admitted = desk.admits(message);
    if (admitted.isEmpty()) {
      refused("an activation", message.getEpoch(), message.getStep(), pass);
      return;
    }
    int[] indices;
    Tensor input;
    try {
      indices = ReceivedTensors.indices(message, desk.mostSamples());
      input = tensors.activation(message.getOutput(), pass, desk.assignment().firstLayer());
      ReceivedTensors.requireOneRowEach(input, indices.length);
      if (desk.assignment().downstream().isEmpty()) {
        int[] unused = labels.of(indices, pace.clock().now());
      }
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      LOG.warn("the activation of step {} is refused: {}", message.getStep(), e.getMessage());
      return;
    }
    wait.end();
    OpenStep step = admitted.get();
    try {
      forward(step, pass, indices, input);
    } catch (IllegalArgumentException e) {
      if (step.begun().contains(pass)) {
        throw e; // not for what has come
      }
      LOG.warn("the activation of step {} is refused: {}", message.getStep(), e.getMessage());
      return;
    }
    closing.begun(step);
  }

  private void refused(String what, long epoch, long step, int pass) {
    LOG.warn(
        "{} of epoch {} step {} pass {} is refused: epoch {} step {} is expected{}",
        what,
        epoch,
        step,
        pass,
        desk.assignment().epoch(),
        desk.nextStep(),
        desk.open() == null ? "" : ", which is under way");
  }

  /** The passes of a step are known. Updates when the last gradient has come before. */
  private void closed(OpenStep step) {
    if (step.complete()) {
      metrics.add(Metric.GRADIENT_NORM, compute.update(step.samples()));
      advance(step);
      finish(step);
    }
  }

  /** The first half of a pass; the whole of it where the model ends. */
  private void forward(OpenStep step, int pass, int[] indices, Tensor input)
      throws InterruptedException {
    Assignment own = desk.assignment();
    Tensor output = input;
    if (own.upstream().isEmpty()) {
      metrics.add(Metric.INPUT_MEAN, input.mean());
      metrics.add(Metric.INPUT_VARIANCE, input.variance());
    }
    if (own.holdsLayers()) {
      double declared = pace.declared(own, LayerProfile::forwardSeconds, indices.length);
      Pacing.Paced<SegmentCompute.Output> done =
          pace.run(declared, () -> compute.forward(pass, input));
      computed(done.seconds(), declared);
      step.addForward(done.seconds());
      metrics.add(Metric.ACTIVATION_MEAN, done.value().mean());
      metrics.add(Metric.ACTIVATION_VARIANCE, done.value().variance());
      output = done.value().output();
    }
    desk.enter(step);
    step.begin(pass, indices.length);
    if (own.holdsLayers() && step.allBegun()) {
      metrics.add(Metric.FORWARD_SECONDS, step.forwardSeconds());
    }
    if (own.downstream().isPresent()) {
      NodeId next = desk.neighbour(own.downstream().get(), pass);
      TensorValue sent = tensors.activation(next, step.number(), pass, output, own.lastLayer());
      sender.send(next, PassMessages.activation(own.epoch(), step.number(), pass, indices, sent));
      if (own.holdsLayers()) {
        tap.inputs(step.number(), compute.recordedInputs());
      }
      wait.begin();
      return;
    }
    tap.inputs(step.number(), compute.recordedInputs());
    int[] truth = labels.of(indices, pace.clock().now());
    SegmentCompute.Loss loss = backward(step, pass, () -> compute.lossAndBackward(pass, truth));
    metrics.add(ComponentId.JOB, Metric.LOSS, loss.loss());
    passDone(step, pass, loss);
  }

  private void gradient(Gradient message) throws InterruptedException {
    OpenStep step = desk.open();
    Assignment own = desk.assignment();
    int pass = message.getPass();
    if (step == null
        || message.getEpoch() != own.epoch()
        || message.getStep() != step.number()
        || !step.awaits(pass)) {
      refused("a gradient", message.getEpoch(), message.getStep(), pass);
      return;
    }
    if (message.getDropped()) {
      wait.end();
      drop(step);
      return;
    }
    if (!own.holdsLayers()) {
      wait.end();
      passDone(step, pass, new SegmentCompute.Loss(message.getLoss(), Optional.empty()));
      return;
    }
    Tensor received;
    try {
      received = tensors.gradient(message.getGradient(), pass);
    } catch (IllegalArgumentException e) {
      LOG.warn("the gradient of step {} is refused: {}", message.getStep(), e.getMessage());
      return;
    }
    wait.end();
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
    double declared =
        pace.declared(desk.assignment(), LayerProfile::backwardSeconds, step.samplesOf(pass));
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
    computed(done.seconds(), declared);
    step.addBackward(done.seconds());
    if (last) {
      metrics.add(Metric.GRADIENT_NORM, norm[0]);
    }
    return done.value();
  }

  private void computed(double seconds, double declared) {
    if (pace.tells(desk.assignment())) {
      metrics.compute(seconds, declared);
    }
  }

  /** Tells the segment before, and commits the step here when it was its last pass. */
  private void passDone(OpenStep step, int pass, SegmentCompute.Loss loss) {
    Assignment own = desk.assignment();
    step.done(pass, loss.loss());
    boolean complete = step.complete();
    if (complete) {
      advance(step);
    }
    if (own.upstream().isPresent()) {
      Optional<TensorValue> sent =
          loss.inputGradient()
              .map(tensor -> tensors.gradient(step.number(), pass, tensor, own.firstLayer()));
      sender.send(
          desk.neighbour(own.upstream().get(), pass),
          PassMessages.gradient(own.epoch(), step.number(), pass, loss.loss(), sent));
      wait.begin();
    }
    if (complete) {
      finish(step);
    }
  }

  /** The step is committed here. */
  private void advance(OpenStep step) {
    desk.end(step);
    stepsDone = desk.nextStep();
    if (desk.assignment().holdsLayers()) {
      metrics.add(Metric.QUEUE_WAIT_SECONDS, wait.waited());
      metrics.add(Metric.BACKWARD_SECONDS, step.backwardSeconds());
    }
    wait.nextStep();
  }

  private void finish(OpenStep step) {
    if (desk.assignment().holdsLayers()) {
      tap.gradients(step.number(), compute.recordedGradients());
    }
    over(new SegmentWorker.StepOutcome(step.loss(), step.samplesDone(), false));
  }

  /** The step has gone on without this client. */
  private void drop(OpenStep step) {
    step.begun().forEach(compute::drop);
    desk.end(step);
    stepsDone = desk.nextStep();
    wait.nextStep();
    over(new SegmentWorker.StepOutcome(0, 0, true));
  }

  private void over(SegmentWorker.StepOutcome outcome) {
    tensors.end();
    boundary.reached();
    atBoundary.accept(desk.nextStep());
    CompletableFuture<SegmentWorker.StepOutcome> told = begunHere;
    begunHere = null;
    if (told != null) {
      told.complete(outcome);
    }
  }
}
