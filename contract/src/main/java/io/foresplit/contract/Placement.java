package io.foresplit.contract;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Which node holds each layer, in layer order. Data flows down the chain, so tiers never fall. */
public record Placement(List<NodeId> nodeOfLayer) {
  private static final Pattern RUN =
      Pattern.compile("\\G ?([A-Za-z0-9][A-Za-z0-9._-]{0,62})\\[(\\d{1,6})(?:-(\\d{1,6}))?\\]");

  public Placement {
    nodeOfLayer = List.copyOf(nodeOfLayer);
    if (nodeOfLayer.isEmpty()) {
      throw new IllegalArgumentException("a placement needs at least one layer");
    }
  }

  /**
   * The placement of a chain cut at the given positions.
   *
   * @param cuts one fewer than nodes, not falling: node k holds layers cuts[k-1] to cuts[k]-1
   */
  public static Placement ofCuts(List<NodeId> chain, int layers, List<Integer> cuts) {
    if (cuts.size() != chain.size() - 1) {
      throw new IllegalArgumentException(
          "a chain of "
              + chain.size()
              + " nodes needs "
              + (chain.size() - 1)
              + " cuts, was "
              + cuts);
    }
    List<NodeId> result = new ArrayList<>(layers);
    int tier = 0;
    for (int layer = 0; layer < layers; layer++) {
      while (tier < cuts.size() && layer >= cuts.get(tier)) {
        tier++;
      }
      result.add(chain.get(tier));
    }
    return new Placement(result);
  }

  /** First layer a node holds, or -1. */
  public int firstLayer(NodeId node) {
    return nodeOfLayer.indexOf(node);
  }

  /** Last layer a node holds, or -1. */
  public int lastLayer(NodeId node) {
    return nodeOfLayer.lastIndexOf(node);
  }

  /**
   * Hard rules of the job that this placement breaks, in plain words; empty when it is allowed.
   * Both the plan guard and the nodes ask.
   */
  public List<String> violations(JobSpec job) {
    List<String> problems = new ArrayList<>();
    if (nodeOfLayer.size() != job.layers().size()) {
      problems.add(
          "placement has " + nodeOfLayer.size() + " layers, the model has " + job.layers().size());
      return problems;
    }
    int tail = job.scheme().tailLayers();
    int body = nodeOfLayer.size() - tail;
    for (int i = body; i < nodeOfLayer.size(); i++) {
      if (!nodeOfLayer.get(i).equals(job.dataOwner())) {
        problems.add("the last " + tail + " layers must stay on the data owner " + job.dataOwner());
        break;
      }
    }
    if (job.scheme().pinsClients()
        && (!nodeOfLayer.get(0).equals(job.dataOwner())
            || nodeOfLayer.get(body - 1).equals(job.dataOwner()))) {
      problems.add("clients hold the first layer, and another node holds one after theirs");
    }
    int previous = 0;
    for (int i = 0; i < body; i++) {
      NodeId node = nodeOfLayer.get(i);
      int tier = job.tier(node);
      if (tier < 0) {
        problems.add("layer " + i + " is on unknown node " + node);
        return problems;
      }
      if (tier < previous) {
        problems.add("layer " + i + " goes back up the chain to " + node);
      }
      previous = tier;
    }
    for (int i = 0; i < job.minOwnerLayers(); i++) {
      if (!nodeOfLayer.get(i).equals(job.dataOwner())) {
        problems.add(
            "the first "
                + job.minOwnerLayers()
                + " layers must stay on the data owner "
                + job.dataOwner());
        break;
      }
    }
    NodeId last = nodeOfLayer.get(nodeOfLayer.size() - 1);
    if (!job.labelHolders().contains(last)) {
      problems.add("the last layer is on " + last + ", which holds no labels");
    }
    return problems;
  }

  /** Compact form for people, such as {@code device[0-2] edge[3-4] cloud[5-6]}. */
  public String describe() {
    StringBuilder text = new StringBuilder();
    int start = 0;
    for (int i = 1; i <= nodeOfLayer.size(); i++) {
      if (i == nodeOfLayer.size() || !nodeOfLayer.get(i).equals(nodeOfLayer.get(start))) {
        if (text.length() > 0) {
          text.append(' ');
        }
        text.append(nodeOfLayer.get(start)).append('[').append(start);
        if (i - 1 > start) {
          text.append('-').append(i - 1);
        }
        text.append(']');
        start = i;
      }
    }
    return text.toString();
  }

  /**
   * Reads what {@link #describe} writes, from whoever wrote it.
   *
   * @param layers of the model
   * @return empty when it is not of that form, or not about exactly these layers in order
   */
  public static Optional<Placement> parse(String description, int layers) {
    List<NodeId> nodes = new ArrayList<>();
    Matcher run = RUN.matcher(description);
    int end = 0;
    while (run.find()) {
      int first = Integer.parseInt(run.group(2));
      int last = run.group(3) == null ? first : Integer.parseInt(run.group(3));
      if (first != nodes.size() || last < first || last >= layers) {
        return Optional.empty();
      }
      nodes.addAll(Collections.nCopies(last - first + 1, new NodeId(run.group(1))));
      end = run.end();
    }
    if (end < description.length()) {
      return Optional.empty();
    }
    return nodes.size() == layers ? Optional.of(new Placement(nodes)) : Optional.empty();
  }
}
