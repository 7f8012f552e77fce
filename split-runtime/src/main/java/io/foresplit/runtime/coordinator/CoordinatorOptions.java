package io.foresplit.runtime.coordinator;

import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Compression;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.Placement;
import io.foresplit.contract.ReplicationSpec;
import io.foresplit.runtime.Rpc;
import io.foresplit.runtime.link.LinkCompressions;
import io.foresplit.runtime.security.GrpcSecurity;
import io.foresplit.runtime.tensor.Optimiser;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What the coordinator of a job is told at its start.
 *
 * @param seed of weights and batch order
 * @param compression of links by the direction away from the data owner; what the data folder holds
 *     goes before
 * @param initial placement at epoch 0; what the data folder holds goes before
 * @param data folder for what must survive
 * @param host to listen on
 * @param port 0 for any free one
 * @param kafka bootstrap servers for the topology topic; not announced when empty
 * @param moveTimeout how long each stage of a move may take before the move is given up
 * @param movePolicy when layers are copied while training goes on
 * @param replication how layers outlive their node; when empty, training ends with a node
 * @param heartbeat from one sign of life of a node to the next
 * @param security how the coordinator proves itself and whom it believes
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
    MovePolicy movePolicy,
    Map<ComponentId, Compression> compression,
    Optional<ReplicationSpec> replication,
    Duration heartbeat,
    GrpcSecurity security) {
  /** A node is found dead after three of them. */
  public static final Duration DEFAULT_HEARTBEAT = Duration.ofMillis(300);

  public CoordinatorOptions {
    compression = new LinkCompressions(0, compression).checked(job).links();
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
  }

  /** Defaults: loopback in plain text, no announcements, a minute for each stage of a move. */
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
        MovePolicy.standard(),
        Map.of(),
        Optional.empty(),
        DEFAULT_HEARTBEAT,
        GrpcSecurity.plaintext());
  }

  public CoordinatorOptions withMovePolicy(MovePolicy policy) {
    return changed(draft -> draft.movePolicy = policy);
  }

  public CoordinatorOptions withHost(String address) {
    return changed(draft -> draft.host = address);
  }

  public CoordinatorOptions withKafka(Optional<String> bootstrap) {
    return changed(draft -> draft.kafka = bootstrap);
  }

  public CoordinatorOptions withMoveTimeout(Duration limit) {
    return changed(draft -> draft.moveTimeout = limit);
  }

  public CoordinatorOptions withCompression(Map<ComponentId, Compression> links) {
    return changed(draft -> draft.compression = links);
  }

  public CoordinatorOptions withReplication(Optional<ReplicationSpec> spec) {
    return changed(draft -> draft.replication = spec);
  }

  public CoordinatorOptions withHeartbeat(Duration interval) {
    return changed(draft -> draft.heartbeat = interval);
  }

  public CoordinatorOptions withSecurity(GrpcSecurity proofs) {
    return changed(draft -> draft.security = proofs);
  }

  private CoordinatorOptions changed(Consumer<Draft> change) {
    Draft draft = new Draft(this);
    change.accept(draft);
    return new CoordinatorOptions(
        job,
        optimiser,
        seed,
        initial,
        data,
        draft.host,
        port,
        draft.kafka,
        draft.moveTimeout,
        draft.movePolicy,
        draft.compression,
        draft.replication,
        draft.heartbeat,
        draft.security);
  }

  /** What of the options is being changed. */
  private static final class Draft {
    private String host;
    private Optional<String> kafka;
    private Duration moveTimeout;
    private MovePolicy movePolicy;
    private Map<ComponentId, Compression> compression;
    private Optional<ReplicationSpec> replication;
    private Duration heartbeat;
    private GrpcSecurity security;

    Draft(CoordinatorOptions from) {
      host = from.host;
      kafka = from.kafka;
      moveTimeout = from.moveTimeout;
      movePolicy = from.movePolicy;
      compression = from.compression;
      replication = from.replication;
      heartbeat = from.heartbeat;
      security = from.security;
    }
  }
}
