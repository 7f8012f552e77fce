package io.foresplit.runtime.sim;

import io.foresplit.contract.TrainingRuntime.State;
import io.foresplit.runtime.link.LinkCompressions;
import java.util.Collection;

/**
 * A change of compression in virtual time: the step in flight ends, the new table is committed, the
 * nodes take it, steps go on. Given up when the step does not end, or a node is away then. Not
 * thread-safe.
 */
final class SimulatedCompression implements SimulatedAction {
  /** Longest that holding may take before the change is given up. */
  private static final double HOLD_SECONDS = 60;

  private final LinkCompressions next;
  private final SimulatedTraining training;
  private final Collection<SimulatedNode> nodes;
  private final Agenda agenda;
  private final Machine machine;
  private final SimulatedActions.Course course;
  private final double begun;
  private boolean holding = true;
  private boolean over;

  /**
   * A change to be started.
   *
   * @param nodes that take part
   */
  SimulatedCompression(
      Simulation simulation,
      LinkCompressions next,
      SimulatedTraining training,
      Collection<SimulatedNode> nodes,
      Agenda agenda,
      SimulatedActions.Course course) {
    machine = simulation.machine();
    this.next = next;
    this.training = training;
    this.nodes = nodes;
    this.agenda = agenda;
    this.course = course;
    begun = agenda.now();
  }

  @Override
  public void start() {
    agenda.at(agenda.now() + HOLD_SECONDS, this::giveUp);
    training.hold(this::commit);
  }

  private void giveUp() {
    if (holding) {
      abort("not done in " + HOLD_SECONDS + " s");
    }
  }

  private void commit() {
    for (SimulatedNode node : nodes) {
      if (node.isAway()) {
        abort("node " + node.id() + ": it is away");
        return;
      }
    }
    holding = false;
    course.commit(next);
    agenda.at(agenda.now() + machine.moveSeconds() / 2, this::resume);
  }

  private void resume() {
    if (over) {
      return;
    }
    training.compress(next);
    end(State.COMMITTED, "from step " + training.steps() + ": " + next.describe());
  }

  private void abort(String why) {
    holding = false;
    end(State.ABORTED, "while holding: " + why);
  }

  @Override
  public boolean overtake() {
    State outcome = holding ? State.ABORTED : State.COMMITTED;
    if (!holding) {
      training.compress(next); // committed, and no step is under way
    }
    holding = false;
    over(outcome, training.stoodMillis(), "training stopped to recover from the death of a node");
    return true;
  }

  private void end(State outcome, String detail) {
    over(outcome, training.resume(), detail);
  }

  private void over(State outcome, long pause, String detail) {
    over = true;
    course.over(outcome, pause, 0, detail, Math.round((agenda.now() - begun) * 1e3));
  }
}
