package io.foresplit.runtime.security;

import io.foresplit.contract.JobSpec;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.NodeSpec;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a job declares of privacy, as a node keeps it for itself: whoever commands the node cannot
 * make it anything else. Immutable.
 *
 * @param model by name, because layers are counted in it
 * @param layers of the model
 * @param nodes of the chain, data owner first; nobody else gets anything
 * @param labelHolders may hold the last layer
 * @param minOwnerLayers first layers that stay on the data owner
 */
public record PrivacyDeclaration(
    String model,
    int layers,
    List<NodeId> nodes,
    NodeId dataOwner,
    Set<NodeId> labelHolders,
    int minOwnerLayers) {
  public PrivacyDeclaration {
    nodes = List.copyOf(nodes);
    labelHolders = Collections.unmodifiableSet(new TreeSet<>(labelHolders));
  }

  /** What a job declares. */
  public static PrivacyDeclaration of(JobSpec job) {
    return new PrivacyDeclaration(
        job.model(),
        job.layers().size(),
        job.participants().stream().map(NodeSpec::id).toList(),
        job.dataOwner(),
        Set.copyOf(job.labelHolders()),
        job.minOwnerLayers());
  }

  /** How a job that is offered differs from this, in plain words; empty when it does not. */
  public List<String> differences(JobSpec job) {
    PrivacyDeclaration offered = of(job);
    List<String> differences = new ArrayList<>();
    compare("model", model, offered.model, differences);
    compare("layers", layers, offered.layers, differences);
    compare("nodes", nodes, offered.nodes, differences);
    compare("data owner", dataOwner, offered.dataOwner, differences);
    compare("label holders", labelHolders, offered.labelHolders, differences);
    compare("layers kept on the owner", minOwnerLayers, offered.minOwnerLayers, differences);
    return differences;
  }

  private static void compare(String what, Object own, Object offered, List<String> differences) {
    if (!own.equals(offered)) {
      differences.add(what + " " + offered + " instead of " + own);
    }
  }

  /**
   * Whether any placement that is allowed has a layer on a node, so that its state may go there.
   */
  public boolean mayHold(int layer, NodeId node) {
    boolean keptByOwner = layer < minOwnerLayers;
    boolean needsLabels = layer == layers - 1;
    return nodes.contains(node)
        && (!keptByOwner || node.equals(dataOwner))
        && (!needsLabels || labelHolders.contains(node));
  }
}
