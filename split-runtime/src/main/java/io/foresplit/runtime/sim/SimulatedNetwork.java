package io.foresplit.runtime.sim;

import io.foresplit.contract.JobSpec;
import io.foresplit.contract.LinkSpec;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.NodeSpec;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** The links of a job, and the way of messages over them. Not thread-safe. */
final class SimulatedNetwork {
  private static final int NO_WAY = -1;

  private final JobSpec job;
  private final Map<NodeId, Integer> tiers = new HashMap<>();

  /** From tier to tier. */
  private final @Nullable SimulatedLink[][] links;

  /** From tier to tier: the tier of the next node on the way. */
  private final int[][] hops;

  private List<NodeId> route;

  /** Gives each node the links it sends on; messages go by way of the whole chain. */
  SimulatedNetwork(JobSpec job, World world, Map<NodeId, SimulatedNode> nodes, Agenda agenda) {
    this.job = job;
    route = job.nodes().stream().map(NodeSpec::id).toList();
    route.forEach(id -> tiers.put(id, tiers.size()));
    links = new SimulatedLink[route.size()][route.size()];
    hops = new int[route.size()][route.size()];
    reroute(route);
    for (LinkSpec spec : job.links()) {
      SimulatedNode from = nodes.get(spec.from());
      SimulatedNode to = nodes.get(spec.to());
      Optional<LinkSpec> back = job.link(spec.to(), spec.from());
      if (from == null || to == null || back.isEmpty()) {
        continue;
      }
      SimulatedLink link =
          new SimulatedLink(
              spec, back.get(), world, from.world(), to.world(), agenda, from.metrics());
      from.add(link);
      links[tier(spec.from())][tier(spec.to())] = link;
    }
  }

  /** Nodes by way of which messages go, data owner first. */
  List<NodeId> route() {
    return route;
  }

  /** Takes another way from now on. */
  void reroute(List<NodeId> next) {
    route = List.copyOf(next);
    for (int[] row : hops) {
      Arrays.fill(row, NO_WAY);
    }
    int[] way = route.stream().mapToInt(this::tier).toArray();
    for (int from = 0; from < way.length; from++) {
      for (int to = 0; to < way.length; to++) {
        if (to != from) {
          hops[way[from]][way[to]] = way[to > from ? from + 1 : from - 1];
        }
      }
    }
  }

  /** See {@link SimulatedTraining.Way}. */
  void send(NodeId from, NodeId to, long bytes, BooleanSupplier wanted, Runnable arrived) {
    send(tier(from), tier(to), bytes, wanted, arrived);
  }

  private void send(int from, int to, long bytes, BooleanSupplier wanted, Runnable arrived) {
    int hop = hops[from][to];
    SimulatedLink link = hop == NO_WAY ? null : links[from][hop];
    if (link == null) {
      throw new IllegalStateException("tier " + from + " has no link towards tier " + to);
    }
    boolean last = hop == to;
    link.send(bytes, last, wanted, last ? arrived : () -> relay(hop, to, bytes, wanted, arrived));
  }

  private void relay(int at, int to, long bytes, BooleanSupplier wanted, Runnable arrived) {
    if (wanted.getAsBoolean()) {
      send(at, to, bytes, wanted, arrived);
    }
  }

  private int tier(NodeId id) {
    Integer tier = tiers.get(id);
    if (tier == null) {
      throw new IllegalArgumentException("job " + job.id() + " has no node " + id);
    }
    return tier;
  }
}
