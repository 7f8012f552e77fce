package io.foresplit.runtime.coordinator;

import io.foresplit.contract.ActionId;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.NodeSpec;
import io.foresplit.contract.SplitTopology;
import io.foresplit.contract.TrainingRuntime.MoveResult;
import io.foresplit.contract.TrainingRuntime.State;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has all nodes begin a training, or go on with one after a restart of the coordinator. Used once,
 * by one thread.
 *
 * @param state what is durable
 * @param work runs calls to nodes side by side
 */
record TrainingStart(CoordinatorState state, NodeClients clients, Executor work) {
  private static final Logger LOG = LoggerFactory.getLogger(TrainingStart.class);

  /** Makes durable when training begins. */
  @FunctionalInterface
  interface Journal {
    void started(Instant start) throws IOException;
  }

  /** Lets some time pass; throws when the coordinator ends. */
  @FunctionalInterface
  interface Backoff {
    void pause() throws InterruptedException;
  }

  /** Has the nodes build their first layers, and steps begin. */
  void fromScratch(InstantSource wall, Journal journal) throws IOException {
    SplitTopology topology = state.topology();
    clients.prepare(nodes(), topology, state.compression(), work);
    Instant start = Instant.ofEpochMilli(wall.millis());
    journal.started(start);
    for (NodeId node : nodes()) {
      clients.begin(node, start);
    }
    long unused = clients.resume(action(0), topology.epoch());
    LOG.info("training of job {} begins: {}", topology.job().id(), state.describe());
  }

  /** Brings every node to what is durable, then lets steps go on. */
  void goOn(Backoff backoff) throws InterruptedException {
    SplitTopology topology = state.topology();
    for (int attempt = 1; ; attempt++) {
      ActionId reason = action(attempt);
      try {
        long nextStep = clients.hold(reason);
        for (NodeId node : nodes()) {
          for (Map.Entry<ActionId, MoveResult> entry : state.results().entrySet()) {
            if (entry.getValue().state() == State.ABORTED) {
              clients.abort(node, entry.getKey());
            }
          }
          clients.activate(
              node, state.committedBy(), topology.epoch(), topology.placement(), nextStep);
          clients.compress(node, reason, topology.epoch(), state.compression());
        }
        long paused = clients.resume(reason, topology.epoch());
        LOG.info("training goes on after {} ms: {}", paused, state.describe());
        return;
      } catch (IOException e) {
        LOG.warn("training cannot go on yet: {}", e.getMessage());
        backoff.pause();
      }
    }
  }

  /** For which the coordinator holds steps when it starts; a new one each time. */
  private ActionId action(int attempt) {
    return new ActionId("coordinator-start-" + state.life() + "-" + attempt);
  }

  private List<NodeId> nodes() {
    return state.topology().job().participants().stream().map(NodeSpec::id).toList();
  }
}
