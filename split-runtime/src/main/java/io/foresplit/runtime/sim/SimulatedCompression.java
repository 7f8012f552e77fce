package io.foresplit.runtime.sim;

import io.foresplit.contract.NodeId;
import io.foresplit.contract.TrainingRuntime.State;
import io.foresplit.runtime.link.LinkCompressions;
import java.util.Map;

/**
 * A change of compression in virtual time: the step in flight ends, the new table is committed, the
 * nodes take it, steps go on. Given up when the step does not end, or a node is away then. Not
 * thread-safe.
 */
final class SimulatedCompression {
  /** Longest that holding may take before the change is given up. */
  private static final double HOLD_SECONDS = 60;

  private final LinkCompressions next;
  private final SimulatedTraining training;
  private final Map<NodeId, SimulatedNode> nodes;
  private final Agenda agenda;
  private final Machine machine;
  private final Ends ends;
  private final double begun;
  private boolean holding = true;

  /** What is told of the way a change goes. */
  interface Ends {
    /** The new table is in force from now on. */
    void commit(LinkCompressions next);

    /** It is over. */
    void over(State outcome, long pauseMillis, String detail, long durationMillis);
  }

  SimulatedCompression(
      Simulation simulation,
      LinkCompressions next,
      SimulatedTraining training,
      Map<NodeId, SimulatedNode> nodes,
      Agenda agenda,
      Ends ends) {
    machine = simulation.machine();
    this.next = next;
    this.training = training;
    this.nodes = nodes;
    this.agenda = agenda;
    this.ends = ends;
    begun = agenda.now();
  }

  void start() {
    agenda.at(agenda.now() + HOLD_SECONDS, this::giveUp);
    training.hold(this::commit);
  }

  private void giveUp() {
    if (holding) {
      abort("not done in " + HOLD_SECONDS + " s");
    }
  }

  private void commit() {
    double now = agenda.now();
    for (SimulatedNode node : nodes.values()) {
      if (node.world().presentFrom(now) > now) {
        abort("node " + node.id() + ": it is away");
        return;
      }
    }
    holding = false;
    ends.commit(next);
    agenda.at(now + machine.moveSeconds() / 2, this::resume);
  }

  private void resume() {
    training.compress(next);
    end(State.COMMITTED, "from step " + training.steps() + ": " + next.describe());
  }

  private void abort(String why) {
    holding = false;
    end(State.ABORTED, "while holding: " + why);
  }

  private void end(State outcome, String detail) {
    long pause = training.resume();
    ends.over(outcome, pause, detail, Math.round((agenda.now() - begun) * 1e3));
  }
}
