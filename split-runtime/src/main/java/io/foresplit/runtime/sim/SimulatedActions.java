package io.foresplit.runtime.sim;

import io.foresplit.contract.ActionId;
import io.foresplit.contract.Placement;
import io.foresplit.contract.SplitTopology;
import io.foresplit.contract.TrainingRuntime.MoveResult;
import io.foresplit.contract.TrainingRuntime.State;
import io.foresplit.runtime.coordinator.CoordinatorState;
import io.foresplit.runtime.link.LinkCompressions;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What controllers have done to a simulated job: one action at a time, each once, under the real
 * fences. Not thread-safe.
 */
final class SimulatedActions {
  private final Supplier<Instant> wall;
  private final List<SplitTopology> announced = new ArrayList<>();
  private CoordinatorState state;
  private @Nullable Running running;

  private record Running(ActionId id, SimulatedAction action) {}

  /**
   * At the start of a job.
   *
   * @param wall the present moment
   */
  SimulatedActions(CoordinatorState initial, Supplier<Instant> wall) {
    state = initial;
    this.wall = wall;
    announced.add(initial.topology());
  }

  CoordinatorState state() {
    return state;
  }

  /** Placements that came in force since the last call. */
  List<SplitTopology> announced() {
    List<SplitTopology> since = List.copyOf(announced);
    announced.clear();
    return since;
  }

  /** Refuses terms below this one from now on. */
  void fence(long term) throws IOException {
    if (term < state.term()) {
      throw new IOException("term " + term + " is fenced off, the highest one is " + state.term());
    }
    state = state.withTerm(term);
  }

  /** Whether an action has begun and is not over. */
  boolean isUnderWay(ActionId id) {
    return running != null && running.id().equals(id);
  }

  /** What became of an action. */
  Optional<MoveResult> result(ActionId id) {
    return Optional.ofNullable(state.results().get(id));
  }

  /**
   * Begins an action unless it has been begun before, is out of date, comes while another one is
   * under way, or is refused.
   */
  MoveResult begin(
      ActionId id,
      long term,
      long epoch,
      Supplier<Optional<String>> refused,
      Function<Course, SimulatedAction> made) {
    Optional<MoveResult> kept = result(id);
    if (kept.isPresent()) {
      return kept.get();
    }
    Optional<String> refusal = state.stale(term, epoch).or(this::busy).or(refused);
    if (refusal.isPresent()) {
      return new MoveResult(State.REFUSED, state.topology().epoch(), 0, 0, refusal.get());
    }
    SimulatedAction action = made.apply(new Course(id));
    MoveResult accepted = new MoveResult(State.IN_PROGRESS, epoch, 0, 0, "");
    state = state.withTerm(term).withResult(id, accepted);
    running = new Running(id, action);
    action.start();
    return result(id).orElse(accepted);
  }

  private Optional<String> busy() {
    return Optional.ofNullable(running).map(other -> "action " + other.id() + " is under way");
  }

  /** Ends what is under way, for training stops to recover; false when it goes on instead. */
  boolean overtake() {
    return running == null || running.action().overtake();
  }

  /** Puts a placement in force, at the next epoch. */
  void commit(Placement placement) {
    state = state.withPlacement(placement, wall.get());
    announced.add(state.topology());
  }

  /** What one action has to tell. */
  final class Course {
    private final ActionId id;

    private Course(ActionId id) {
      this.id = id;
    }

    /** A placement is in force from now on, at the next epoch. */
    void commit(Placement placement, long movedBytes) {
      SimulatedActions.this.commit(placement);
      committed(movedBytes);
    }

    /** Links are compressed so from now on. */
    void commit(LinkCompressions next) {
      state = state.withCompression(next);
      committed(0);
    }

    private void committed(long movedBytes) {
      long epoch = state.topology().epoch();
      state =
          state.withResult(id, new MoveResult(State.COMMITTED, epoch, 0, movedBytes, "committed"));
    }

    /** It is over. */
    void over(
        State outcome, long pauseMillis, long movedBytes, String detail, long durationMillis) {
      long epoch = state.topology().epoch();
      state =
          state.withResult(
              id, new MoveResult(outcome, epoch, pauseMillis, movedBytes, detail, durationMillis));
      running = null;
    }
  }
}
