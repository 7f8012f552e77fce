package io.foresplit.runtime.coordinator;

import io.foresplit.contract.ActionId;
import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Compression;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.Placement;
import io.foresplit.contract.SplitTopology;
import io.foresplit.contract.TrainingRuntime.MoveResult;
import io.foresplit.contract.TrainingRuntime.State;
import io.foresplit.runtime.link.LinkCompressions;
import io.foresplit.runtime.tensor.Optimiser;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
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
 * @param compression of links
 * @param results of accepted actions, oldest first, bounded
 * @param life how often the coordinator has been started; nodes obey the last one alone
 * @param fenced process lives of nodes that were declared dead, oldest first, bounded
 */
public record CoordinatorState(
    SplitTopology topology,
    Optimiser optimiser,
    long seed,
    long term,
    Optional<Instant> started,
    LinkCompressions compression,
    Map<ActionId, MoveResult> results,
    long life,
    List<String> fenced) {
  private static final int FENCED_KEPT = 256;
  private static final int RESULTS_KEPT = 1_000;

  public CoordinatorState {
    results = Collections.unmodifiableMap(new LinkedHashMap<>(results));
    fenced = List.copyOf(fenced);
  }

  /** Knows of process lives that are dead. */
  CoordinatorState withFenced(Collection<String> dead) {
    List<String> all = new ArrayList<>(fenced);
    all.addAll(dead);
    List<String> last = all.subList(Math.max(0, all.size() - FENCED_KEPT), all.size());
    return new CoordinatorState(
        topology, optimiser, seed, term, started, compression, results, life, last);
  }

  /** Knows of a controller; a lower term than the highest changes nothing. */
  public CoordinatorState withTerm(long higher) {
    return new CoordinatorState(
        topology,
        optimiser,
        seed,
        Math.max(term, higher),
        started,
        compression,
        results,
        life,
        fenced);
  }

  /** Refuses a process life of a node that was declared dead. */
  void requireNotFenced(NodeId node, String incarnation) {
    if (fenced.contains(incarnation)) {
      throw new IllegalStateException(
          "this process of node "
              + node
              + " was declared dead, training goes on without it; start it anew");
    }
  }

  /** Before training begins; no link is compressed. */
  public static CoordinatorState initial(SplitTopology topology, Optimiser optimiser, long seed) {
    return new CoordinatorState(
        topology,
        optimiser,
        seed,
        0,
        Optional.empty(),
        LinkCompressions.none(),
        Map.of(),
        0,
        List.of());
  }

  CoordinatorState withStarted(Instant start) {
    return new CoordinatorState(
        topology, optimiser, seed, term, Optional.of(start), compression, results, life, fenced);
  }

  /** Compresses links otherwise; the epoch stays. */
  public CoordinatorState withCompression(LinkCompressions next) {
    return new CoordinatorState(
        topology, optimiser, seed, term, started, next, results, life, fenced);
  }

  CoordinatorState withNextLife() {
    return new CoordinatorState(
        topology, optimiser, seed, term, started, compression, results, life + 1, fenced);
  }

  /** Keeps what became of an action; the oldest results go first. */
  public CoordinatorState withResult(ActionId action, MoveResult result) {
    Map<ActionId, MoveResult> changed = new LinkedHashMap<>(results);
    changed.put(action, result);
    List<ActionId> oldest = new ArrayList<>(changed.keySet());
    for (int i = 0; i < changed.size() - RESULTS_KEPT; i++) {
      changed.remove(oldest.get(i));
    }
    return new CoordinatorState(
        topology, optimiser, seed, term, started, compression, changed, life, fenced);
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
    return withTopology(topology.job(), placement, since);
  }

  /** The next epoch, with the nodes that are there. */
  CoordinatorState withTopology(JobSpec job, Placement placement, Instant since) {
    SplitTopology next = new SplitTopology(job, topology.epoch() + 1, placement, since);
    return new CoordinatorState(
        next, optimiser, seed, term, started, compression, results, life, fenced);
  }

  /** Why a link cannot be compressed so; empty when it can. */
  public Optional<String> disallowed(ComponentId link, Optional<Compression> wanted) {
    return Optional.ofNullable(compression.links().get(link)).equals(wanted)
        ? Optional.of("link " + link + " has this compression already")
        : Optional.empty();
  }

  /** For people: what is in force. */
  String describe() {
    return "epoch " + topology.epoch() + ", " + topology.placement().describe();
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

  /**
   * The move that brought the placement in force. Changes of compression that were committed at the
   * same epoch came after it.
   */
  Optional<ActionId> committedBy() {
    if (topology.epoch() == 0) {
      return Optional.empty();
    }
    return results.entrySet().stream()
        .filter(
            e ->
                e.getValue().state() == State.COMMITTED && e.getValue().epoch() == topology.epoch())
        .map(Map.Entry::getKey)
        .findFirst();
  }
}
