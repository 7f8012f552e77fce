package io.foresplit.runtime.coordinator;

import io.foresplit.contract.ActionId;
import io.foresplit.contract.TrainingRuntime.MoveResult;
import io.foresplit.contract.TrainingRuntime.State;
import io.foresplit.runtime.TopologySink;
import io.foresplit.runtime.link.LinkCompressions;
import java.io.IOException;
import java.time.InstantSource;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What of a job outlives its coordinator: durable before anyone hears of it. Thread-safe. */
final class DurableState {
  private static final Logger LOG = LoggerFactory.getLogger(DurableState.class);

  private final StateFile file;
  private final NodeClients clients;
  private final TopologySink sink;
  private final InstantSource wall;

  // guarded by this
  private CoordinatorState state;

  DurableState(
      CoordinatorState state,
      StateFile file,
      NodeClients clients,
      TopologySink sink,
      InstantSource wall) {
    this.state = state;
    this.file = file;
    this.clients = clients;
    this.sink = sink;
    this.wall = wall;
    lead(state);
  }

  private void lead(CoordinatorState now) {
    clients.lead(now.life(), now.term(), now.topology().job().dataOwner());
  }

  synchronized CoordinatorState get() {
    return state;
  }

  /** Makes a change durable, then has it in force. */
  synchronized void update(UnaryOperator<CoordinatorState> change) throws IOException {
    CoordinatorState next = change.apply(state);
    file.save(next);
    state = next;
    lead(next);
  }

  /** Keeps what is known already; a failing disk loses no truth while this process lives. */
  synchronized void keep(UnaryOperator<CoordinatorState> change) {
    try {
      update(change);
    } catch (IOException e) {
      LOG.error(
          "the state of job {} could not be kept: {}", state.topology().job().id(), e.getMessage());
      state = change.apply(state);
    }
  }

  /** The commit point of a move: one durable write of epoch, placement and result. */
  synchronized void commit(LayerMove move, long movedBytes) throws IOException {
    requireEpoch(move.epoch());
    MoveResult done = new MoveResult(State.COMMITTED, move.epoch() + 1, 0, movedBytes, "committed");
    update(s -> s.withPlacement(move.to(), wall.instant()).withResult(move.action(), done));
    announce();
  }

  /** The commit point of a change of compression. */
  synchronized void commit(ActionId action, long epoch, LinkCompressions next) throws IOException {
    requireEpoch(epoch);
    MoveResult done = new MoveResult(State.COMMITTED, epoch, 0, 0, "committed");
    update(s -> s.withCompression(next).withResult(action, done));
  }

  /** The commit point of a recovery. */
  synchronized void commit(RecoveryPlan.GoOn plan) throws IOException {
    update(s -> s.withTopology(plan.job(), plan.placement(), wall.instant()));
    announce();
  }

  private void requireEpoch(long epoch) throws IOException {
    if (epoch != state.topology().epoch()) {
      throw new IOException(
          "epoch " + epoch + " is not in force any more, " + state.topology().epoch() + " is");
    }
  }

  /** Tells the sink what is in force. */
  void announce() {
    sink.announce(get().topology());
  }
}
