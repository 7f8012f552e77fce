package io.foresplit.runtime.sim;

import io.foresplit.contract.JobSpec;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.NodeSpec;
import io.foresplit.contract.TrainingRuntime.MoveResult;
import io.foresplit.contract.TrainingRuntime.State;
import io.foresplit.runtime.coordinator.LayerMove;
import io.foresplit.runtime.tensor.Optimiser;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;

/**
 * A move in virtual time: the step in flight ends, layer state travels in chunks over the links, a
 * few at a time as between real nodes, the new placement is committed and put in force. Not
 * thread-safe.
 */
final class SimulatedMove {
  private static final int CHUNK_BYTES = 256 << 10;
  private static final int WINDOW = 4;

  /** Numbers, names and shapes of a layer's encoded state. */
  private static final int HEADER_BYTES = 160;

  /** Longest that holding or a transfer may take before the move is given up. */
  private static final double STAGE_SECONDS = 60;

  private final LayerMove move;
  private final JobSpec job;
  private final int copies;
  private final SimulatedTraining training;
  private final SimulatedTraining.Way way;
  private final Map<NodeId, SimulatedNode> nodes;
  private final Agenda agenda;
  private final Machine machine;
  private final Ends ends;
  private final double begun;
  private Stage stage = Stage.HOLDING;
  private long movedBytes;
  private int shiftsLeft;

  private enum Stage {
    HOLDING,
    TRANSFERRING,
    VERIFYING,
    COMMITTED,
    OVER
  }

  /** What is told of the way a move goes. */
  interface Ends {
    /** The new epoch is in force from now on. */
    void commit(LayerMove move, long movedBytes);

    /** It is over. */
    void over(LayerMove move, MoveResult result);
  }

  SimulatedMove(
      LayerMove move,
      Simulation simulation,
      SimulatedTraining training,
      SimulatedTraining.Way way,
      Map<NodeId, SimulatedNode> nodes,
      Agenda agenda,
      Ends ends) {
    this.move = move;
    job = simulation.job();
    copies = 1 + (simulation.optimiser() instanceof Optimiser.Adam ? 2 : 1);
    this.training = training;
    this.way = way;
    this.nodes = nodes;
    this.agenda = agenda;
    begun = agenda.now();
    machine = simulation.machine();
    this.ends = ends;
  }

  void start() {
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
    List<LayerMove.Shift> shifts = move.shifts();
    shiftsLeft = shifts.size();
    for (LayerMove.Shift shift : shifts) {
      Deque<Long> chunks = new ArrayDeque<>();
      for (int layer = shift.firstLayer(); layer <= shift.lastLayer(); layer++) {
        long bytes = HEADER_BYTES + copies * job.layers().get(layer).parameterBytes();
        movedBytes += bytes;
        for (long left = bytes; left > 0; left -= CHUNK_BYTES) {
          chunks.add(Math.min(left, CHUNK_BYTES));
        }
      }
      int[] open = {chunks.size()};
      for (int i = 0; i < WINDOW; i++) {
        sendNext(shift, chunks, open);
      }
    }
  }

  private void sendNext(LayerMove.Shift shift, Deque<Long> chunks, int[] open) {
    Long bytes = chunks.poll();
    if (bytes == null || stage != Stage.TRANSFERRING) {
      return;
    }
    way.send(
        shift.source(),
        shift.target(),
        bytes,
        () -> {
          sendNext(shift, chunks, open);
          if (--open[0] == 0 && --shiftsLeft == 0 && stage == Stage.TRANSFERRING) {
            verify();
          }
        });
  }

  private void verify() {
    stage = Stage.VERIFYING;
    for (NodeSpec spec : job.nodes()) {
      SimulatedNode node = nodes.get(spec.id());
      if (node != null && node.world().presentFrom(agenda.now()) > agenda.now()) {
        abort("node " + spec.id() + ": it is away");
        return;
      }
    }
    agenda.at(agenda.now() + machine.moveSeconds() / 2, this::commit);
  }

  private void commit() {
    stage = Stage.COMMITTED;
    ends.commit(move, movedBytes);
    agenda.at(agenda.now() + machine.moveSeconds() / 2, this::resume);
  }

  private void resume() {
    stage = Stage.OVER;
    training.assign(move.to(), move.epoch() + 1);
    end(State.COMMITTED, move.epoch() + 1, move.from().describe() + " -> " + move.to().describe());
  }

  private void abort(String why) {
    Stage failedIn = stage;
    stage = Stage.OVER;
    end(State.ABORTED, move.epoch(), "while " + failedIn + ": " + why);
  }

  private void end(State state, long epoch, String detail) {
    long pause = training.resume();
    long duration = Math.round((agenda.now() - begun) * 1e3);
    ends.over(move, new MoveResult(state, epoch, pause, movedBytes, detail, duration));
  }
}
