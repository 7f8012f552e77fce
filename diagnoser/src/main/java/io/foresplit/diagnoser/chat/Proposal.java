package io.foresplit.diagnoser.chat;

import io.foresplit.contract.JobSpec;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.NodeSpec;
import io.foresplit.contract.Placement;
import io.foresplit.contract.SplitTopology;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Another placement that somebody asks about. A layer of -1 is one that the model has not. */
sealed interface Proposal {
  /** The model is cut after these layers, counted from 0. */
  record CutAfter(List<Integer> layers) implements Proposal {
    public CutAfter {
      layers = List.copyOf(layers);
    }
  }

  /**
   * Some layers run on a node.
   *
   * @param node empty for one that the job has not
   */
  record RunOn(int first, int last, Optional<NodeId> node) implements Proposal {}

  /** Nothing is changed. */
  record Stay() implements Proposal {}

  /** A what-if of something else. */
  record Unclear() implements Proposal {}

  /**
   * The placement that is meant, or why there is none.
   *
   * @param remark how the question was taken, empty when there is nothing to say
   */
  record Meant(Optional<Placement> placement, String problem, String remark) {
    private static Meant none(String problem) {
      return new Meant(Optional.empty(), problem, "");
    }
  }

  /** What is meant on a topology. The placement may still break rules of the job. */
  default Meant on(SplitTopology topology) {
    if (this instanceof CutAfter cut) {
      return cut(topology.job(), topology.placement(), cut.layers());
    } else if (this instanceof RunOn run) {
      return run(topology.job(), topology.placement(), run);
    } else if (this instanceof Stay) {
      return new Meant(Optional.of(topology.placement()), "", "");
    }
    return Meant.none("only placements of layers can be tried");
  }

  private static Meant cut(JobSpec job, Placement now, List<Integer> layers) {
    List<NodeId> chain = job.nodes().stream().map(NodeSpec::id).toList();
    int last = job.layers().size() - 1;
    if (layers.stream().anyMatch(layer -> layer < 0 || layer > last)) {
      return Meant.none("the model has layers 0 to " + last);
    }
    if (layers.size() > chain.size() - 1) {
      return Meant.none(
          "a chain of " + chain.size() + " nodes has at most " + (chain.size() - 1) + " cuts");
    }
    int body = job.layers().size() - job.scheme().tailLayers();
    List<Integer> cuts = new ArrayList<>(layers.stream().sorted().map(l -> l + 1).toList());
    for (int tier = cuts.size(); tier < chain.size() - 1; tier++) {
      cuts.add(Math.max(Collections.max(cuts), upTo(job, now, tier, body)));
    }
    List<NodeId> nodes =
        new ArrayList<>(
            Placement.ofCuts(chain, job.layers().size(), cuts).nodeOfLayer().subList(0, body));
    nodes.addAll(Collections.nCopies(job.scheme().tailLayers(), job.dataOwner()));
    String remark =
        layers.size() < chain.size() - 1
            ? "taken as the cut behind "
                + chain.stream()
                    .limit(layers.size())
                    .map(NodeId::value)
                    .collect(Collectors.joining(" and "))
                + ", the others staying where they are as far as they can"
            : "";
    return new Meant(Optional.of(new Placement(nodes)), "", remark);
  }

  /** How many of the first layers are on a tier or nearer to the data. */
  private static int upTo(JobSpec job, Placement now, int tier, int body) {
    return (int)
        now.nodeOfLayer().stream().limit(body).filter(node -> job.tier(node) <= tier).count();
  }

  private static Meant run(JobSpec job, Placement now, RunOn run) {
    int last = job.layers().size() - 1;
    if (run.first() < 0 || run.last() > last || run.last() < run.first()) {
      return Meant.none("the model has layers 0 to " + last);
    }
    if (run.node().isEmpty()) {
      return Meant.none("the job has no such node");
    }
    List<NodeId> nodes = new ArrayList<>(now.nodeOfLayer());
    for (int layer = run.first(); layer <= run.last(); layer++) {
      nodes.set(layer, run.node().get());
    }
    return new Meant(Optional.of(new Placement(nodes)), "", "");
  }

  /** What a job allows, as the end of a sentence. */
  static String allowed(JobSpec job) {
    String chain = job.nodes().stream().map(n -> n.id().value()).collect(Collectors.joining(" → "));
    String labels =
        job.labelHolders().stream().map(NodeId::value).collect(Collectors.joining(" or "));
    int owned = Math.max(1, job.minOwnerLayers());
    int tail = job.scheme().tailLayers();
    return "allowed is what keeps "
        + (owned == 1 ? "layer 0" : "layers 0 to " + (owned - 1))
        + " on the data owner "
        + job.dataOwner()
        + ", goes only down the chain "
        + chain
        + " and "
        + (tail > 0
            ? "keeps the last " + tail + " of its layers on the clients"
            : "has the last of its layers, " + (job.layers().size() - 1) + ", on " + labels);
  }
}
