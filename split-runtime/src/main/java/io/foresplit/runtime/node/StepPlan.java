package io.foresplit.runtime.node;

import io.foresplit.contract.JobSpec;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.TrainingScheme;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/** Which passes each step has: a function of the job and the step's number. Immutable. */
final class StepPlan {
  private final TrainingScheme scheme;
  private final List<NodeId> clients;

  StepPlan(JobSpec job) {
    scheme = job.scheme();
    clients = job.clients();
  }

  /** Clients that are to take part in a step, in their order. */
  List<NodeId> clients(long step) {
    return sequential() ? List.of(clients.get(scheme.turn(step))) : clients;
  }

  /** Ordinals of the passes of a client in each of its steps. */
  SortedSet<Integer> passes(NodeId client) {
    SortedSet<Integer> passes = new TreeSet<>();
    int first = clients.indexOf(client) * scheme.microBatches();
    for (int i = 0; i < scheme.microBatches(); i++) {
      passes.add(first + i);
    }
    return passes;
  }

  /** Ordinals of all passes of a step. */
  SortedSet<Integer> passes(long step) {
    SortedSet<Integer> passes = new TreeSet<>();
    clients(step).forEach(client -> passes.addAll(passes(client)));
    return passes;
  }

  /** Whether there is such a pass at all. */
  boolean has(int pass) {
    return pass >= 0 && pass < clients.size() * scheme.microBatches();
  }

  /** Most samples of a pass. */
  int mostSamples(int batchSize) {
    return (batchSize + scheme.microBatches() - 1) / scheme.microBatches();
  }

  /** Whose pass it is. */
  NodeId client(int pass) {
    return clients.get(pass / scheme.microBatches());
  }

  /** How many steps the client of a step has had before, which says what batch is next. */
  long ownStep(long step) {
    if (!sequential()) {
      return step;
    }
    long round = step / scheme.turnSteps() / clients.size();
    return round * scheme.turnSteps() + step % scheme.turnSteps();
  }

  /** Who hands its layers on before a step, to the client whose turn begins. */
  Optional<NodeId> handsOver(long step) {
    return sequential() && step > 0 && step % scheme.turnSteps() == 0
        ? Optional.of(clients.get(scheme.turn(step - 1)))
        : Optional.empty();
  }

  /** Whether the clients' layers are averaged after a step. */
  boolean averages(long step) {
    return scheme.averageEvery() > 0 && (step + 1) % scheme.averageEvery() == 0;
  }

  /** Clients without which no step goes on. */
  int quorum() {
    return scheme.leavesStragglers() ? scheme.quorum() : clients(0).size();
  }

  private boolean sequential() {
    return scheme.mode() == TrainingScheme.Mode.SEQUENTIAL;
  }
}
