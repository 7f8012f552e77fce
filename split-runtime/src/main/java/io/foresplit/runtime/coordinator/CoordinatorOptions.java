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
 * @param movePolicy when layers are copied while training goes on
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
        GrpcSecurity.plaintext());
  }

  public CoordinatorOptions withMovePolicy(MovePolicy policy) {
    return new CoordinatorOptions(
        job, optimiser, seed, initial, data, host, port, kafka, moveTimeout, policy, security);
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
        movePolicy,
        security);
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
        movePolicy,
        security);
  }

  public CoordinatorOptions withMoveTimeout(Duration limit) {
    return new CoordinatorOptions(
        job, optimiser, seed, initial, data, host, port, kafka, limit, movePolicy, security);
  }

  public CoordinatorOptions withSecurity(GrpcSecurity proofs) {
    return new CoordinatorOptions(
        job, optimiser, seed, initial, data, host, port, kafka, moveTimeout, movePolicy, proofs);
  }
}
