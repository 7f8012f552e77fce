package io.foresplit.bench.peer;

import io.foresplit.bench.data.ChainModel;
import io.foresplit.contract.Conditions;
import io.foresplit.contract.JobId;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.LayerProfile;
import io.foresplit.contract.LinkSpec;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.NodeSpec;
import io.foresplit.contract.Placement;
import io.foresplit.runtime.plan.CutPlanner;
import io.foresplit.runtime.plan.DagCutPlanner;
import io.foresplit.runtime.plan.ModelGraph.Layer;
import io.foresplit.runtime.plan.SplitRequest;
import io.foresplit.runtime.plan.TierNetwork;
import io.foresplit.runtime.plan.TierNetwork.Link;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** This product's planners, called as its service and {@code foresplit split} call them. */
public enum ForesplitPlanner implements SplitPlanner {
  /** {@link CutPlanner}, that of the service, on the chain of blocks. */
  CHAIN("foresplit") {
    @Override
    public ForModel prepare(ChainModel model) {
      CutPlanner planner = new CutPlanner();
      return network -> {
        JobSpec job = job(model, network);
        Placement placement = planner.best(job, new Conditions(Map.of(), Map.of()));
        return model.expand(placement.nodeOfLayer().stream().map(job::tier).toList());
      };
    }
  },
  /** {@link DagCutPlanner}, that of the command, on the graph: it may cut branches as well. */
  GRAPH("foresplit-graph") {
    @Override
    public ForModel prepare(ChainModel model) {
      DagCutPlanner planner = DagCutPlanner.of(model.graph());
      return network -> planner.plan(SplitRequest.of(network)).tierOfLayer();
    }
  };

  private final String label;

  ForesplitPlanner(String label) {
    this.label = label;
  }

  @Override
  public String label() {
    return label;
  }

  private static JobSpec job(ChainModel model, TierNetwork network) {
    List<LayerProfile> layers = new ArrayList<>();
    for (Layer block : model.blocks().layers()) {
      layers.add(
          new LayerProfile(
              block.name(),
              block.forwardSeconds(),
              block.backwardSeconds(),
              Math.max(1, block.bytes().output()),
              block.bytes().parameters()));
    }
    List<NodeSpec> nodes =
        network.tiers().stream().map(t -> new NodeSpec(new NodeId(t.name()), t.speed())).toList();
    List<LinkSpec> links = new ArrayList<>();
    for (int k = 0; k < network.links().size(); k++) {
      Link link = network.links().get(k);
      NodeId near = nodes.get(k).id();
      NodeId far = nodes.get(k + 1).id();
      double delay = link.roundTripSeconds() / 2;
      links.add(new LinkSpec(near, far, link.upBytesPerSecond(), delay));
      links.add(new LinkSpec(far, near, link.downBytesPerSecond(), delay));
    }
    return new JobSpec(
        new JobId("planning"),
        "model",
        1,
        Duration.ofSeconds(1),
        layers,
        nodes,
        links,
        nodes.get(0).id(),
        nodes.stream().map(NodeSpec::id).toList(),
        model.ownerBlocks(),
        List.of());
  }
}
