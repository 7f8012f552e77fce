package io.foresplit.runtime.coordinator;

import io.foresplit.contract.JobSpec;
import io.foresplit.contract.Placement;
import io.foresplit.contract.ReplicationSpec;
import io.foresplit.runtime.Rpc;
import io.foresplit.runtime.tensor.Optimiser;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What the coordinator of a job is told at its start.
 *
 * @param seed of weights and batch order
 * @param initial placement at epoch 0; what the data folder holds goes before
 * @param data folder for what must survive
 * @param host to listen on
 * @param port 0 for any free one
 * @param kafka bootstrap servers for the topology topic; not announced when empty
 * @param moveTimeout how long each stage of a move may take before the move is given up
 * @param movePolicy when layers are copied while training goes on
 * @param replication how layers outlive their node; when empty, training ends with a node
 * @param heartbeat from one sign of life of a node to the next
 */
public record CoordinatorOptions(
    JobSpec job,
    Optimiser optimiser,
    long seed,
    Placement initial,
    Path data,
    String host,
    int port,
    Optional<String> kafka,
    Duration moveTimeout,
    int maxMessageBytes,
    MovePolicy movePolicy,
    Optional<ReplicationSpec> replication,
    Duration heartbeat) {
  /** A node is found dead after three of them. */
  public static final Duration DEFAULT_HEARTBEAT = Duration.ofMillis(300);

  public CoordinatorOptions {
    List<String> violations = initial.violations(job);
    if (!violations.isEmpty()) {
      throw new IllegalArgumentException(
          "the initial placement breaks rules of the job: " + String.join("; ", violations));
    }
    List<String> replicas = replication.map(spec -> spec.violations(job)).orElse(List.of());
    if (!replicas.isEmpty()) {
      throw new IllegalArgumentException(
          "replication does not fit the job: " + String.join("; ", replicas));
    }
    if (heartbeat.toMillis() < 1) {
      throw new IllegalArgumentException("heartbeat must be at least 1 ms, was " + heartbeat);
    }
    if (port < 0 || port > 65535) {
      throw new IllegalArgumentException("port must be in [0, 65535], was " + port);
    }
    if (moveTimeout.isNegative() || moveTimeout.isZero()) {
      throw new IllegalArgumentException("moveTimeout must be positive, was " + moveTimeout);
    }
    if (maxMessageBytes < 1 << 20) {
      throw new IllegalArgumentException(
          "maxMessageBytes must be at least 1048576, was " + maxMessageBytes);
    }
  }

  /** Defaults: loopback, no announcements, a minute for each stage of a move. */
  public static CoordinatorOptions of(
      JobSpec job, Optimiser optimiser, long seed, Placement initial, Path data, int port) {
    return new CoordinatorOptions(
        job,
        optimiser,
        seed,
        initial,
        data,
        Rpc.DEFAULT_HOST,
        port,
        Optional.empty(),
        Duration.ofMinutes(1),
        Rpc.DEFAULT_MAX_MESSAGE_BYTES,
        MovePolicy.standard(),
        Optional.empty(),
        DEFAULT_HEARTBEAT);
  }

  public CoordinatorOptions withMovePolicy(MovePolicy policy) {
    return new CoordinatorOptions(
        job,
        optimiser,
        seed,
        initial,
        data,
        host,
        port,
        kafka,
        moveTimeout,
        maxMessageBytes,
        policy,
        replication,
        heartbeat);
  }

  public CoordinatorOptions withHost(String address) {
    return new CoordinatorOptions(
        job,
        optimiser,
        seed,
        initial,
        data,
        address,
        port,
        kafka,
        moveTimeout,
        maxMessageBytes,
        movePolicy,
        replication,
        heartbeat);
  }

  public CoordinatorOptions withKafka(Optional<String> bootstrap) {
    return new CoordinatorOptions(
        job,
        optimiser,
        seed,
        initial,
        data,
        host,
        port,
        bootstrap,
        moveTimeout,
        maxMessageBytes,
        movePolicy,
        replication,
        heartbeat);
  }

  public CoordinatorOptions withMoveTimeout(Duration limit) {
    return new CoordinatorOptions(
        job,
        optimiser,
        seed,
        initial,
        data,
        host,
        port,
        kafka,
        limit,
        maxMessageBytes,
        movePolicy,
        replication,
        heartbeat);
  }

  public CoordinatorOptions withReplication(Optional<ReplicationSpec> spec) {
    return new CoordinatorOptions(
        job,
        optimiser,
        seed,
        initial,
        data,
        host,
        port,
        kafka,
        moveTimeout,
        maxMessageBytes,
        movePolicy,
        spec,
        heartbeat);
  }

  public CoordinatorOptions withHeartbeat(Duration interval) {
    return new CoordinatorOptions(
        job,
        optimiser,
        seed,
        initial,
        data,
        host,
        port,
        kafka,
        moveTimeout,
        maxMessageBytes,
        movePolicy,
        replication,
        interval);
  }
}
