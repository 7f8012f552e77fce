package io.foresplit.runtime.node;

import io.foresplit.contract.JobSpec;
import io.foresplit.runtime.proto.StepClose;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which passes a step has when it may go on without slow clients: the first segment after the
 * clients decides, the others are told. Confined to the compute thread.
 */
final class StepClosing {
  private static final Logger LOG = LoggerFactory.getLogger(StepClosing.class);

  private final JobSpec job;
  private final StepDesk desk;
  private final SegmentWorker.Sender sender;
  private final Later later;
  private final Consumer<OpenStep> closed;

  /** Does something after a while, on the compute thread. */
  @FunctionalInterface
  interface Later {
    void after(Duration time, Runnable work);
  }

  /**
   * The closing of steps at one segment.
   *
   * @param closed is told of each step whose passes have become known
   */
  StepClosing(
      JobSpec job,
      StepDesk desk,
      SegmentWorker.Sender sender,
      Later later,
      Consumer<OpenStep> closed) {
    this.job = job;
    this.desk = desk;
    this.sender = sender;
    this.later = later;
    this.closed = closed;
  }

  /** A pass has begun here. */
  void begun(OpenStep step) {
    if (!mayClose(step)) {
      return;
    }
    if (step.allBegun()) {
      close(step, step.begun());
    } else if (desk.hasJustItsQuorum(step)) {
      later.after(
          job.scheme().stragglerTimeout(),
          () -> {
            if (mayClose(step)) {
              close(step, step.begun());
            }
          });
    }
  }

  private boolean mayClose(OpenStep step) {
    return desk.closesSteps() && desk.isOpen(step) && !step.closed();
  }

  /** The segment before tells which passes a step has. */
  void accept(StepClose message) {
    OpenStep step = desk.open();
    List<Integer> passes = message.getPassesList();
    if (step == null
        || message.getEpoch() != desk.assignment().epoch()
        || message.getStep() != step.number()
        || step.closed()
        || !step.begun().containsAll(passes)
        || !passes.containsAll(step.begun())) {
      LOG.warn(
          "the end of step {} with passes {} is refused: step {} is expected",
          message.getStep(),
          passes,
          desk.nextStep());
      return;
    }
    close(step, passes);
  }

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
    closed.accept(step);
  }
}
