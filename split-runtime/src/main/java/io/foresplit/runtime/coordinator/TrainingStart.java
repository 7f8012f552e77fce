package io.foresplit.runtime.coordinator;

import io.foresplit.contract.ActionId;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.SplitTopology;
import io.foresplit.contract.TrainingRuntime.MoveResult;
import io.foresplit.contract.TrainingRuntime.State;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How training begins, and goes on after a restart of the coordinator. */
record TrainingStart(List<NodeId> nodes, NodeClients clients, Executor work) {
  private static final Logger LOG = LoggerFactory.getLogger(TrainingStart.class);
  private static final long BACKOFF_MILLIS = 200;

  /** Lets time pass. */
  @FunctionalInterface
  interface Backoff {
    /** Throws when the coordinator ends. */
    void pause(long millis) throws InterruptedException;
  }

  /** Has all nodes build their first layers. */
  void prepare(SplitTopology topology) throws IOException {
    Map<NodeId, CompletableFuture<@Nullable IOException>> prepared = new TreeMap<>();
    for (NodeId node : nodes) {
      prepared.put(
          node,
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  clients.prepare(node, topology, 0);
                  return null;
                } catch (IOException e) {
                  return e;
                }
              },
              work));
    }
    for (CompletableFuture<@Nullable IOException> outcome : prepared.values()) {
      IOException problem = outcome.join();
      if (problem != null) {
        throw problem;
      }
    }
  }

  /** Lets the first step begin. */
  void begin(CoordinatorState now, Instant start) throws IOException {
    for (NodeId node : nodes) {
      clients.begin(node, start);
    }
    long unused = clients.resume(startAction(now, 0), now.topology().epoch());
    LOG.info("training of job {} begins: {}", now.topology().job().id(), describe(now));
  }

  /** After a restart: brings every node to what is durable, then lets steps go on. */
  void goOn(CoordinatorState now, Backoff backoff) throws InterruptedException {
    for (int attempt = 1; ; attempt++) {
      ActionId reason = startAction(now, attempt);
      try {
        long nextStep = clients.hold(reason);
        for (NodeId node : nodes) {
          for (Map.Entry<ActionId, MoveResult> entry : now.results().entrySet()) {
            if (entry.getValue().state() == State.ABORTED) {
              clients.abort(node, entry.getKey());
            }
          }
          clients.activate(
              node,
              now.committedBy(),
              now.topology().epoch(),
              now.topology().placement(),
              nextStep);
        }
        long paused = clients.resume(reason, now.topology().epoch());
        LOG.info("training goes on after {} ms: {}", paused, describe(now));
        return;
      } catch (IOException e) {
        LOG.warn("training cannot go on yet: {}", e.getMessage());
        backoff.pause(BACKOFF_MILLIS);
      }
    }
  }

  /** For which the coordinator holds steps when it starts; a new one each time. */
  private static ActionId startAction(CoordinatorState state, int attempt) {
    return new ActionId("coordinator-start-" + state.life() + "-" + attempt);
  }

  private static String describe(CoordinatorState state) {
    return "epoch " + state.topology().epoch() + ", " + state.topology().placement().describe();
  }
}
