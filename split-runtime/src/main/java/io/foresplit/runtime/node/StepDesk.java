package io.foresplit.runtime.node;

import io.foresplit.contract.JobSpec;
import io.foresplit.contract.NodeId;
import io.foresplit.runtime.proto.Activation;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which step is open at a segment, which one is next, what may begin, and with whom it is done.
 * Confined to the compute thread.
 */
final class StepDesk {
  private static final Logger LOG = LoggerFactory.getLogger(StepDesk.class);

  private final JobSpec job;
  private final NodeId node;
  private final boolean client;
  private final StepPlan plan;
  private Assignment assignment;
  private long nextStep;
  private @Nullable OpenStep open;
  private boolean abandoned;

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

  /** Whether it takes part in nothing before the next assignment. */
  boolean abandoned() {
    return abandoned;
  }

  /** From now on takes part in nothing; whether a step was open. */
  boolean abandon() {
    abandoned = true;
    boolean was = open != null;
    open = null;
    return was;
  }

  void requireBoundary() {
    if (open != null) {
      throw new IllegalStateException(
          "node " + node + " is within step " + open.number() + ", not at a boundary");
    }
  }

  void assign(Assignment next, long step) {
    requireBoundary();
    assignment = next;
    nextStep = step;
    abandoned = false;
  }

  /** Whose pass it is. */
  NodeId client(int pass) {
    return plan.client(pass);
  }

  /** Where the data owner stands for all clients, the one whose pass it is. */
  NodeId neighbour(NodeId next, int pass) {
    return next.equals(job.dataOwner()) ? plan.client(pass) : next;
  }

  /** Whether a message of a pass comes from where it has to; tells when not. */
  boolean isFrom(NodeId from, Optional<NodeId> neighbour, int pass) {
    Optional<NodeId> expected =
        neighbour.filter(next -> plan.has(pass)).map(next -> neighbour(next, pass));
    boolean is = expected.equals(Optional.of(from));
    if (!is) {
      LOG.warn(
          "a tensor of pass {} from {} is refused: one from {} is expected",
          pass,
          from,
          expected.map(NodeId::value).orElse("nobody"));
    }
    return is;
  }

  /** Most samples of a pass. */
  int mostSamples() {
    return plan.mostSamples(job.batchSize());
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

  /** The step that an activation is for; empty when it is not to be done now. Opens nothing. */
  Optional<OpenStep> admits(Activation message) {
    if (message.getEpoch() != assignment.epoch()
        || abandoned
        || !assignment.holdsLayers()
        || assignment.upstream().isEmpty()) {
      return Optional.empty();
    }
    OpenStep step = open;
    if (step == null) {
      long number = message.getStep();
      boolean skips = client && !job.scheme().peers().isEmpty();
      if (skips ? number < nextStep : number != nextStep) {
        return Optional.empty();
      }
      step =
          new OpenStep(
              number,
              client ? plan.passes(node) : plan.passes(number),
              client || !job.scheme().leavesStragglers());
    }
    return step.number() == message.getStep() && step.admits(message.getPass())
        ? Optional.of(step)
        : Optional.empty();
  }

  /** A pass of a step has begun, with which the step is open. */
  void enter(OpenStep step) {
    nextStep = step.number();
    open = step;
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
        && message.getEpoch() == assignment.epoch()
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
