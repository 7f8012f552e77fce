package io.foresplit.runtime.coordinator;

import io.foresplit.contract.JobSpec;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.ReplicationSpec;
import io.foresplit.runtime.coordinator.Attendance.Registration;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has training begin, go on or be recovered once the nodes are there, or those that are left after
 * a restart of the coordinator.
 */
record Beginning(
    CoordinatorOptions options,
    DurableState durable,
    NodeClients clients,
    Optional<Recoveries> recoveries,
    ProgressLog progress,
    InstantSource wall,
    Executor work,
    TrainingStart.Backoff backoff) {
  private static final Logger LOG = LoggerFactory.getLogger(Beginning.class);

  /**
   * Begins with these processes; returns when steps go on, or a recovery has them go on.
   *
   * @throws IllegalStateException when some have lost what others go on from
   */
  void with(Map<NodeId, Registration> processes) throws IOException, InterruptedException {
    long holders = processes.values().stream().filter(Registration::begun).count();
    boolean halted = processes.values().stream().anyMatch(Registration::halted);
    boolean all = inForce().equals(options.job()) && holders == options.job().participants().size();
    if (recoverable(holders) && (halted || !all)) {
      recover(processes);
      return;
    }
    if (holders > 0 && !all) {
      throw new IllegalStateException(
          "some nodes hold layers of a training that others have lost; start all nodes anew");
    }
    if (holders > 0) {
      new TrainingStart(durable.get(), clients, work).goOn(backoff);
      return;
    }
    if (durable.get().started().isPresent()) {
      LOG.warn("no node holds layers of the training before; it begins from scratch");
      progress.clear();
    }
    if (!inForce().equals(options.job())) {
      durable.update(s -> s.withTopology(options.job(), options.initial(), wall.instant()));
      durable.announce();
    }
    new TrainingStart(durable.get(), clients, work).fromScratch(wall, this::started);
  }

  private JobSpec inForce() {
    return durable.get().topology().job();
  }

  /** The moment is durable before any node is told. */
  private void started(Instant start) throws IOException {
    durable.update(s -> s.withStarted(start));
  }

  /** Whether training has begun and something of it may be left. */
  private boolean recoverable(long holders) {
    return durable.get().started().isPresent()
        && recoveries.isPresent()
        && (options.replication().flatMap(ReplicationSpec::folder).isPresent() || holders > 0);
  }

  /** After a restart of the coordinator that has found nodes dead, anew or within a recovery. */
  private void recover(Map<NodeId, Registration> processes) {
    recoveries.ifPresent(
        r -> {
          processes.forEach(
              (node, process) -> {
                if (!process.begun()) {
                  r.join(node, process.incarnation(), true);
                }
              });
          r.want();
        });
  }
}
