package io.foresplit.contract.jobfile;

import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Compression;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.NodeSpec;
import io.foresplit.contract.Placement;
import io.foresplit.contract.ReplicationSpec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A job as its file declares it.
 *
 * <pre>{@code
 * id: demo
 * model: lenet
 * optimiser: { name: sgd-momentum, learningRate: 0.02 }   # or adam
 * batchSize: 32
 * interval: 500 ms                # of a report
 * nodes:                          # the chain, data owner first
 *   - { id: device, speed: 0.5 }  # relative to the model's profile
 *   - { id: edge, speed: 2 }
 * links:                          # up: from the first node to the second
 *   - { between: [device, edge], up: 40 Mbit/s, down: 80 Mbit/s, delay: 5 ms, trace: walk.csv }
 * dataOwner: device
 * labelHolders: [edge]
 * minOwnerLayers: 1
 * objectives:                     # optional; without any, the job is only observed
 *   - { id: step-time, metric: step-seconds, bound: 350 ms, duration: 3 s, severity: critical }
 * cuts: [2]                       # optional: node k holds layers cuts[k-1] to cuts[k]-1
 * replication:                    # optional; without it, training ends with the first node that dies
 *   everySteps: 20                # most steps lost
 *   to: [neighbour, "folder:/var/lib/foresplit"]
 *   ownerLayersTo: [edge]         # optional: nodes, or "folder", that may keep what stays with the data owner
 *   rebalance: true               # optional: give a node that has come back layers again
 * microBatches: 4                 # optional: parts of a batch, pipelined along the chain
 * }</pre>
 *
 * Several clients, and chains that return to the device (docs/training.md):
 *
 * <pre>{@code
 * mode: split-federated           # or sequential, parallel, u-shaped
 * clients: [phone-1, phone-2]     # nodes with data of their own; the others are the chain after them
 * shards: by-label                # optional: iid (default) or by-label
 * turnSteps: 10                   # sequential: steps of one client before the next has its turn
 * averageEvery: 10                # split-federated; optional in u-shaped
 * quorum: 1                       # optional: clients a step needs
 * stragglerTimeout: 200 ms        # with a quorum: how long a step then waits for the others
 * tailLayers: 1                   # u-shaped: last layers, with the loss and the labels, on the client
 * }</pre>
 *
 * A link may give one "rate" instead of "up" and "down", and "upTrace" or "downTrace" instead of a
 * "trace" that both directions follow. It may also give {@code jitter: 2 ms}, {@code loss: 0.5 %}
 * and {@code compression: { keep: 0.2, bits: 6 }}, each for both directions. Links besides those of
 * the chain, between nodes that are no neighbours, are used when the nodes between are dead.
 *
 * @param traces what a link's rate follows, as named in the file; links without one keep theirs
 * @param disturbances jitter and loss of links that have any
 * @param compressions of links that start compressed, by the direction away from the data owner
 * @param cuts the initial cuts, or empty to let the planner choose
 * @param replication how layers outlive their node, if they are to
 */
public record JobFile(
    JobSpec job,
    OptimiserSpec optimiser,
    Map<ComponentId, String> traces,
    Map<ComponentId, LinkDisturbance> disturbances,
    Map<ComponentId, Compression> compressions,
    List<Integer> cuts,
    Optional<ReplicationSpec> replication) {
  public JobFile {
    traces = Collections.unmodifiableMap(new TreeMap<>(traces));
    disturbances = Collections.unmodifiableMap(new TreeMap<>(disturbances));
    compressions = Collections.unmodifiableMap(new TreeMap<>(compressions));
    cuts = List.copyOf(cuts);
  }

  /** Reads a file in UTF-8. */
  public static JobFile read(Path file, ModelProfiles models) throws JobFileException {
    String yaml;
    try {
      yaml = Files.readString(file, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new JobFileException(
          List.of(file + ": expected a readable job file in UTF-8, was " + e));
    }
    return parse(yaml, file.toString(), models);
  }

  /**
   * Parses a job file.
   *
   * @param source names the file in problems
   */
  public static JobFile parse(String yaml, String source, ModelProfiles models)
      throws JobFileException {
    return new JobFileParser(source, models).parse(yaml);
  }

  /**
   * Reads a job that is a part of another file.
   *
   * @return empty when something is wrong with it, which the section then has noted
   */
  public static Optional<JobFile> read(Section section, ModelProfiles models) {
    return JobFileParser.read(section, models);
  }

  /** The placement of the initial cuts; empty when the planner is to choose. */
  public Optional<Placement> placement() {
    return cuts.isEmpty() ? Optional.empty() : Optional.of(placement(job, cuts));
  }

  /** The chain is cut before the layers that return to the clients. */
  static Placement placement(JobSpec job, List<Integer> cuts) {
    int tail = job.scheme().tailLayers();
    List<NodeId> holders =
        new ArrayList<>(
            Placement.ofCuts(
                    job.nodes().stream().map(NodeSpec::id).toList(),
                    job.layers().size() - tail,
                    cuts)
                .nodeOfLayer());
    holders.addAll(Collections.nCopies(tail, job.dataOwner()));
    return new Placement(holders);
  }
}
