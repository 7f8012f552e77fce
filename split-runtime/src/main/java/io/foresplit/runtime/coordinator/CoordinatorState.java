package io.foresplit.runtime.coordinator;

import io.foresplit.contract.ActionId;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.Placement;
import io.foresplit.contract.SplitTopology;
import io.foresplit.contract.TrainingRuntime.MoveResult;
import io.foresplit.contract.TrainingRuntime.State;
import io.foresplit.runtime.tensor.Optimiser;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * What the coordinator must not forget. Immutable.
 *
 * @param term highest controller term seen
 * @param started when training began
 * @param results of accepted actions, oldest first, bounded
 * @param life how often the coordinator has been started; nodes obey the last one alone
 */
public record CoordinatorState(
    SplitTopology topology,
    Optimiser optimiser,
    long seed,
    long term,
    Optional<Instant> started,
    Map<ActionId, MoveResult> results,
    long life) {
  private static final int RESULTS_KEPT = 1_000;

  public CoordinatorState {
    results = Collections.unmodifiableMap(new LinkedHashMap<>(results));
  }

  /** Knows of a controller; a lower term than the highest changes nothing. */
  public CoordinatorState withTerm(long higher) {
    return new CoordinatorState(
        topology, optimiser, seed, Math.max(term, higher), started, results, life);
  }

  /** Before training begins. */
  public static CoordinatorState initial(SplitTopology topology, Optimiser optimiser, long seed) {
    return new CoordinatorState(topology, optimiser, seed, 0, Optional.empty(), Map.of(), 0);
  }

  CoordinatorState withStarted(Instant start) {
    return new CoordinatorState(topology, optimiser, seed, term, Optional.of(start), results, life);
  }

  CoordinatorState withNextLife() {
    return new CoordinatorState(topology, optimiser, seed, term, started, results, life + 1);
  }

  /** Keeps what became of an action; the oldest results go first. */
  public CoordinatorState withResult(ActionId action, MoveResult result) {
    Map<ActionId, MoveResult> changed = new LinkedHashMap<>(results);
    changed.put(action, result);
    List<ActionId> oldest = new ArrayList<>(changed.keySet());
    for (int i = 0; i < changed.size() - RESULTS_KEPT; i++) {
      changed.remove(oldest.get(i));
    }
    return new CoordinatorState(topology, optimiser, seed, term, started, changed, life);
  }

  /** Why a command of a controller is out of date; empty when it is not. */
  public Optional<String> stale(long commandTerm, long commandEpoch) {
    if (commandTerm < term) {
      return Optional.of("term " + commandTerm + " is below the highest one, " + term);
    }
    return commandEpoch == topology.epoch()
        ? Optional.empty()
        : Optional.of("epoch " + commandEpoch + " is not the one in force, " + topology.epoch());
  }

  /** Why there can be no move to a placement; empty when there can. */
  public Optional<String> disallowed(Placement target) {
    List<String> violations = target.violations(topology.job());
    if (!violations.isEmpty()) {
      return Optional.of(String.join("; ", violations));
    }
    return target.equals(topology.placement())
        ? Optional.of("the target is in force already")
        : Optional.empty();
  }

  /** Why layers of clients cannot move: each has its own, or holds them at both ends. */
  Optional<String> pinned(Placement target) {
    NodeId owner = topology.job().dataOwner();
    boolean touched =
        IntStream.range(0, target.nodeOfLayer().size())
            .anyMatch(
                layer ->
                    target.nodeOfLayer().get(layer).equals(owner)
                        != topology.placement().nodeOfLayer().get(layer).equals(owner));
    return touched && topology.job().scheme().pinsClients()
        ? Optional.of(
            "layers of clients stay where they are in a job with several clients or in mode"
                + " u-shaped; move layers between the other nodes")
        : Optional.empty();
  }

  /** The next epoch. */
  public CoordinatorState withPlacement(Placement placement, Instant since) {
    SplitTopology next = new SplitTopology(topology.job(), topology.epoch() + 1, placement, since);
    return new CoordinatorState(next, optimiser, seed, term, started, results, life);
  }

  /** After a restart: what had not reached its commit has not happened. */
  CoordinatorState recovered() {
    CoordinatorState state = this;
    for (Map.Entry<ActionId, MoveResult> entry : results.entrySet()) {
      MoveResult result = entry.getValue();
      if (result.state() == State.IN_PROGRESS) {
        state =
            state.withResult(
                entry.getKey(),
                new MoveResult(
                    State.ABORTED,
                    topology.epoch(),
                    result.pauseMillis(),
                    result.movedBytes(),
                    "the coordinator ended before the commit"));
      }
    }
    return state;
  }

  /** The action that brought the placement in force. */
  Optional<ActionId> committedBy() {
    return results.entrySet().stream()
        .filter(
            e ->
                e.getValue().state() == State.COMMITTED && e.getValue().epoch() == topology.epoch())
        .map(Map.Entry::getKey)
        .findFirst();
  }
}
