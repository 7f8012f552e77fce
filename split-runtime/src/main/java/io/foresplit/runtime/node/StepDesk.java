package io.foresplit.runtime.node;

import io.foresplit.contract.JobSpec;
import io.foresplit.contract.NodeId;
import io.foresplit.runtime.proto.Activation;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which step is open at a segment, which one is next, and what may begin. Confined to the compute
 * thread.
 */
final class StepDesk {
  private final JobSpec job;
  private final NodeId node;
  private final boolean client;
  private final StepPlan plan;
  private Assignment assignment;
  private long nextStep;
  private @Nullable OpenStep open;

  StepDesk(JobSpec job, NodeId node, Assignment assignment, long nextStep) {
    this.job = job;
    this.node = node;
    this.assignment = assignment;
    this.nextStep = nextStep;
    client = job.tier(node) == 0;
    plan = new StepPlan(job);
  }

  Assignment assignment() {
    return assignment;
  }

  long nextStep() {
    return nextStep;
  }

  @Nullable OpenStep open() {
    return open;
  }

  boolean isOpen(OpenStep step) {
    return open == step;
  }

  void assign(Assignment next, long step) {
    if (open != null) {
      throw new IllegalStateException(
          "node " + node + " is within step " + open.number() + ", not at a boundary");
    }
    assignment = next;
    nextStep = step;
  }

  /** Opens a step of this client; false when it is not the next one. */
  boolean begin(long step) {
    boolean next = job.scheme().peers().isEmpty() ? step == nextStep : step >= nextStep;
    if (!next || open != null) {
      return false;
    }
    nextStep = step;
    open = new OpenStep(step, plan.passes(node), true);
    return true;
  }

  /** The step that an activation is for, open from now on; empty when it is not to be done now. */
  Optional<OpenStep> admit(Activation message) {
    if (message.getEpoch() != assignment.epoch()
        || !assignment.holdsLayers()
        || assignment.upstream().isEmpty()) {
      return Optional.empty();
    }
    OpenStep step = open;
    if (step == null) {
      long number = message.getStep();
      if (client ? number < nextStep : number != nextStep) {
        return Optional.empty();
      }
      step =
          new OpenStep(
              number,
              client ? plan.passes(node) : plan.passes(number),
              client || !job.scheme().leavesStragglers());
    }
    if (step.number() != message.getStep() || !step.admits(message.getPass())) {
      return Optional.empty();
    }
    nextStep = step.number();
    open = step;
    return Optional.of(step);
  }

  /** Whether this node decides which passes a step has. */
  boolean closesSteps() {
    return !client
        && job.scheme().leavesStragglers()
        && assignment.upstream().equals(Optional.of(job.dataOwner()));
  }

  /** Whether the step of an activation has gone on without it. */
  boolean tooLate(Activation message) {
    OpenStep now = open;
    return closesSteps()
        && (message.getStep() < nextStep
            || (now != null
                && message.getStep() == now.number()
                && now.closed()
                && !now.begun().contains(message.getPass())));
  }

  /** Whether a step may soon go on without the clients that are not in it. */
  boolean hasJustItsQuorum(OpenStep step) {
    return !step.allBegun() && step.begun().size() == plan.quorum();
  }

  /** The step is over here. */
  void end(OpenStep step) {
    open = null;
    nextStep = step.number() + 1;
  }
}
