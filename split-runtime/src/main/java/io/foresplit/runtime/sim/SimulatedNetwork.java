package io.foresplit.runtime.sim;

import io.foresplit.contract.JobSpec;
import io.foresplit.contract.LinkSpec;
import io.foresplit.contract.NodeId;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;

/** The links of a job's chain, and the way of messages over them. Not thread-safe. */
final class SimulatedNetwork {
  private final JobSpec job;

  /** By tier of the sender. */
  private final Map<Integer, SimulatedLink> towardsCloud = new HashMap<>();

  private final Map<Integer, SimulatedLink> towardsOwner = new HashMap<>();

  /** Gives each node the links it sends on. */
  SimulatedNetwork(JobSpec job, World world, Map<NodeId, SimulatedNode> nodes, Agenda agenda) {
    this.job = job;
    for (LinkSpec spec : job.links()) {
      int tier = job.tier(spec.from());
      int step = job.tier(spec.to()) - tier;
      SimulatedNode from = nodes.get(spec.from());
      SimulatedNode to = nodes.get(spec.to());
      if (Math.abs(step) != 1 || from == null || to == null) {
        continue;
      }
      LinkSpec back =
          job.link(spec.to(), spec.from())
              .orElseThrow(() -> new IllegalArgumentException("no link back of " + spec.id()));
      SimulatedLink link =
          new SimulatedLink(spec, back, world, from.world(), to.world(), agenda, from.metrics());
      from.add(link);
      (step > 0 ? towardsCloud : towardsOwner).put(tier, link);
    }
  }

  /** See {@link SimulatedTraining.Way}. */
  void send(NodeId from, NodeId to, long bytes, BooleanSupplier wanted, Runnable arrived) {
    send(tier(from), tier(to), bytes, wanted, arrived);
  }

  private void send(int from, int to, long bytes, BooleanSupplier wanted, Runnable arrived) {
    SimulatedLink link = (from < to ? towardsCloud : towardsOwner).get(from);
    if (link == null) {
      throw new IllegalStateException("tier " + from + " has no link towards tier " + to);
    }
    int hop = from < to ? from + 1 : from - 1;
    boolean last = hop == to;
    link.send(bytes, last, wanted, last ? arrived : () -> relay(hop, to, bytes, wanted, arrived));
  }

  private void relay(int at, int to, long bytes, BooleanSupplier wanted, Runnable arrived) {
    if (wanted.getAsBoolean()) {
      send(at, to, bytes, wanted, arrived);
    }
  }

  private int tier(NodeId id) {
    int tier = job.tier(id);
    if (tier < 0) {
      throw new IllegalArgumentException("job " + job.id() + " has no node " + id);
    }
    return tier;
  }
}
