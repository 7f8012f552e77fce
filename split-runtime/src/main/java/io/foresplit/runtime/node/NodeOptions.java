package io.foresplit.runtime.node;

import io.foresplit.contract.ComponentId;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.NodeId;
import io.foresplit.runtime.Rpc;
import io.foresplit.runtime.link.RateTrace;
import io.foresplit.runtime.security.GrpcSecurity;
import io.foresplit.runtime.security.PrivacyDeclaration;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * What one node process is told at its start; all else it learns from the coordinator.
 *
 * @param coordinator {@code host:port}
 * @param host to listen on, also what others are told
 * @param port 0 for any free one
 * @param dataset folder of Fashion-MNIST, or a text file for a model of text; a drawn data set when
 *     empty
 * @param traces the rate of links by id; a link that is not there keeps its declared rate
 * @param faults the fault file; no fault when empty
 * @param kafka bootstrap servers; no reports when empty
 * @param patience how long to go on without a coordinator before the process ends
 * @param maxMessageBytes never exceeded, whatever the job's tensors are
 * @param privacy what the node insists on; what the coordinator says of the job when empty
 */
public record NodeOptions(
    NodeId node,
    String coordinator,
    String host,
    int port,
    Optional<Path> dataset,
    Function<JobSpec, Map<ComponentId, RateTrace>> traces,
    Optional<Path> faults,
    Optional<String> kafka,
    Duration patience,
    int maxMessageBytes,
    GrpcSecurity security,
    Optional<PrivacyDeclaration> privacy) {
  public NodeOptions {
    if (port < 0 || port > 65535) {
      throw new IllegalArgumentException("port must be in [0, 65535], was " + port);
    }
    if (patience.isNegative() || patience.isZero()) {
      throw new IllegalArgumentException("patience must be positive, was " + patience);
    }
    if (maxMessageBytes < 1 << 20) {
      throw new IllegalArgumentException(
          "maxMessageBytes must be at least 1048576, was " + maxMessageBytes);
    }
  }

  /** Defaults: loopback, any port, drawn data, links as declared, no fault, no reports. */
  public static NodeOptions of(NodeId node, String coordinator) {
    return new NodeOptions(
        node,
        coordinator,
        Rpc.DEFAULT_HOST,
        0,
        Optional.empty(),
        job -> Map.of(),
        Optional.empty(),
        Optional.empty(),
        Duration.ofMinutes(5),
        Rpc.DEFAULT_MAX_MESSAGE_BYTES,
        GrpcSecurity.plaintext(),
        Optional.empty());
  }

  public NodeOptions withDataset(Optional<Path> folder) {
    return changed(draft -> draft.dataset = folder);
  }

  public NodeOptions withTraces(Function<JobSpec, Map<ComponentId, RateTrace>> rates) {
    return changed(draft -> draft.traces = rates);
  }

  public NodeOptions withFaults(Optional<Path> file) {
    return changed(draft -> draft.faults = file);
  }

  public NodeOptions withKafka(Optional<String> bootstrap) {
    return changed(draft -> draft.kafka = bootstrap);
  }

  public NodeOptions withHost(String address) {
    return changed(draft -> draft.host = address);
  }

  public NodeOptions withSecurity(GrpcSecurity proofs) {
    return changed(draft -> draft.security = proofs);
  }

  public NodeOptions withPrivacy(Optional<PrivacyDeclaration> declaration) {
    return changed(draft -> draft.privacy = declaration);
  }

  private NodeOptions changed(Consumer<Draft> change) {
    Draft draft = new Draft(this);
    change.accept(draft);
    return new NodeOptions(
        node,
        coordinator,
        draft.host,
        port,
        draft.dataset,
        draft.traces,
        draft.faults,
        draft.kafka,
        patience,
        maxMessageBytes,
        draft.security,
        draft.privacy);
  }

  /** What of the options is being changed. */
  private static final class Draft {
    private String host;
    private Optional<Path> dataset;
    private Function<JobSpec, Map<ComponentId, RateTrace>> traces;
    private Optional<Path> faults;
    private Optional<String> kafka;
    private GrpcSecurity security;
    private Optional<PrivacyDeclaration> privacy;

    Draft(NodeOptions from) {
      host = from.host;
      dataset = from.dataset;
      traces = from.traces;
      faults = from.faults;
      kafka = from.kafka;
      security = from.security;
      privacy = from.privacy;
    }
  }
}
