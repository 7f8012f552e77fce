package io.foresplit.runtime.sim;

import io.foresplit.contract.TrainingRuntime.State;
import io.foresplit.runtime.coordinator.LayerMove;
import java.util.Collection;

/**
 * A move in virtual time: the step in flight ends, layer state travels over the links, the new
 * placement is committed and put in force. Not thread-safe.
 */
final class SimulatedMove implements SimulatedAction {
  /** Longest that holding or a transfer may take before the move is given up. */
  private static final double STAGE_SECONDS = 60;

  private final LayerMove move;
  private final SimulatedTraining training;
  private final SimulatedTransfer transfer;
  private final Collection<SimulatedNode> nodes;
  private final Agenda agenda;
  private final Machine machine;
  private final SimulatedActions.Course course;
  private final double begun;
  private Stage stage = Stage.HOLDING;
  private long movedBytes;

  private enum Stage {
    HOLDING,
    TRANSFERRING,
    VERIFYING,
    COMMITTED,
    OVER
  }

  /**
   * A move to be started.
   *
   * @param nodes that take part
   */
  SimulatedMove(
      LayerMove move,
      Simulation simulation,
      SimulatedTraining training,
      SimulatedTraining.Way way,
      Collection<SimulatedNode> nodes,
      Agenda agenda,
      SimulatedActions.Course course) {
    this.move = move;
    this.training = training;
    transfer =
        new SimulatedTransfer(simulation, way, () -> stage == Stage.TRANSFERRING, this::verify);
    this.nodes = nodes;
    this.agenda = agenda;
    begun = agenda.now();
    machine = simulation.machine();
    this.course = course;
  }

  @Override
  public void start() {
    giveUpLater(Stage.HOLDING);
    training.hold(this::transfer);
  }

  private void giveUpLater(Stage awaited) {
    agenda.at(
        agenda.now() + STAGE_SECONDS,
        () -> {
          if (stage == awaited) {
            abort("not done in " + STAGE_SECONDS + " s");
          }
        });
  }

  private void transfer() {
    stage = Stage.TRANSFERRING;
    giveUpLater(stage);
    movedBytes = transfer.send(move.shifts());
  }

  private void verify() {
    stage = Stage.VERIFYING;
    for (SimulatedNode node : nodes) {
      if (node.isAway()) {
        abort("node " + node.id() + ": it is away");
        return;
      }
    }
    agenda.at(agenda.now() + machine.moveSeconds() / 2, this::commit);
  }

  private void commit() {
    if (stage != Stage.VERIFYING) {
      return;
    }
    stage = Stage.COMMITTED;
    course.commit(move.to(), movedBytes);
    agenda.at(agenda.now() + machine.moveSeconds() / 2, this::resume);
  }

  private void resume() {
    if (stage != Stage.COMMITTED) {
      return;
    }
    stage = Stage.OVER;
    training.assign(move.to(), move.epoch() + 1);
    end(State.COMMITTED, move.from().describe() + " -> " + move.to().describe());
  }

  private void abort(String why) {
    Stage failedIn = stage;
    stage = Stage.OVER;
    end(State.ABORTED, "while " + failedIn + ": " + why);
  }

  @Override
  public boolean overtake() {
    Stage was = stage;
    stage = Stage.OVER;
    over(
        was == Stage.COMMITTED ? State.COMMITTED : State.ABORTED,
        training.stoodMillis(),
        "while " + was + ": training stopped to recover from the death of a node");
    return true;
  }

  private void end(State state, String detail) {
    over(state, training.resume(), detail);
  }

  private void over(State state, long pause, String detail) {
    course.over(state, pause, movedBytes, detail, Math.round((agenda.now() - begun) * 1e3));
  }
}
