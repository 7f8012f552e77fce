package io.foresplit.runtime.coordinator;

import io.foresplit.contract.JobSpec;
import io.foresplit.contract.Placement;
import io.foresplit.runtime.Rpc;
import io.foresplit.runtime.security.GrpcSecurity;
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
    GrpcSecurity security) {
  public CoordinatorOptions {
    List<String> violations = initial.violations(job);
    if (!violations.isEmpty()) {
      throw new IllegalArgumentException(
          "the initial placement breaks rules of the job: " + String.join("; ", violations));
    }
    if (port < 0 || port > 65535) {
      throw new IllegalArgumentException("port must be in [0, 65535], was " + port);
    }
    if (moveTimeout.isNegative() || moveTimeout.isZero()) {
      throw new IllegalArgumentException("moveTimeout must be positive, was " + moveTimeout);
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
        GrpcSecurity.plaintext());
  }

  public CoordinatorOptions withKafka(Optional<String> bootstrap) {
    return new CoordinatorOptions(
        job, optimiser, seed, initial, data, host, port, bootstrap, moveTimeout, security);
  }

  public CoordinatorOptions withMoveTimeout(Duration limit) {
    return new CoordinatorOptions(
        job, optimiser, seed, initial, data, host, port, kafka, limit, security);
  }

  public CoordinatorOptions withHost(String address) {
    return new CoordinatorOptions(
        job, optimiser, seed, initial, data, address, port, kafka, moveTimeout, security);
  }

  public CoordinatorOptions withSecurity(GrpcSecurity proofs) {
    return new CoordinatorOptions(
        job, optimiser, seed, initial, data, host, port, kafka, moveTimeout, proofs);
  }
}
