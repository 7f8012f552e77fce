package io.foresplit.runtime.plan;

import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Conditions;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.LayerProfile;
import io.foresplit.contract.LinkCondition;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.NodeSpec;
import io.foresplit.contract.Placement;
import io.foresplit.contract.PlacementPlanner;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The exact optimum over all cuts of a chain, by the step time model of {@code
 * docs/architecture.md}: compute of each layer on its node, and for each link between neighbouring
 * layers the activation on the way down and as large a gradient on the way up, each at rate plus
 * delay. Pure and thread-safe.
 *
 * <p>A link or node that the conditions do not name is as the job declares it. Layer 0 never leaves
 * the data owner, whatever {@code minOwnerLayers} says: raw data does not move.
 */
public final class CutPlanner implements PlacementPlanner {
  /** Optimiser state of a layer in units of its parameters: one moment each. */
  private static final int OPTIMISER_FACTOR = 1;

  /** Holding, verifying, committing and activating, whatever is moved. */
  private static final double FIXED_MOVE_SECONDS = 0.1;

  /**
   * By dynamic programming over layer and tier: layers × tiers² steps. Between equals, layers stay
   * nearer to the data owner.
   *
   * @throws IllegalArgumentException when the rules of the job allow no placement
   */
  @Override
  public Placement best(JobSpec job, Conditions conditions) {
    Costs costs = Costs.of(job, conditions);
    int layers = job.layers().size();
    int tiers = job.nodes().size();
    double[] reached = new double[tiers];
    Arrays.fill(reached, Double.POSITIVE_INFINITY);
    reached[0] = costs.compute(0, 0);
    Deque<int[]> cameFrom = new ArrayDeque<>();
    for (int layer = 1; layer < layers; layer++) {
      double[] next = new double[tiers];
      int[] from = new int[tiers];
      Arrays.fill(next, Double.POSITIVE_INFINITY);
      int deepest = layer < job.minOwnerLayers() ? 1 : tiers;
      for (int tier = 0; tier < deepest; tier++) {
        for (int before = 0; before <= tier; before++) {
          double seconds =
              reached[before]
                  + costs.crossing(layer - 1, before, tier)
                  + costs.compute(layer, tier);
          if (seconds < next[tier]) {
            next[tier] = seconds;
            from[tier] = before;
          }
        }
      }
      reached = next;
      cameFrom.push(from);
    }
    int tier = bestEnd(job, reached);
    NodeId[] nodeOfLayer = new NodeId[layers];
    for (int layer = layers - 1; layer >= 0; layer--) {
      nodeOfLayer[layer] = job.nodes().get(tier).id();
      if (layer > 0) {
        tier = cameFrom.pop()[tier];
      }
    }
    return new Placement(List.of(nodeOfLayer));
  }

  private static int bestEnd(JobSpec job, double[] reached) {
    int best = -1;
    for (int tier = 0; tier < reached.length; tier++) {
      if (job.labelHolders().contains(job.nodes().get(tier).id())
          && reached[tier] < (best < 0 ? Double.POSITIVE_INFINITY : reached[best])) {
        best = tier;
      }
    }
    if (best < 0) {
      throw new IllegalArgumentException(
          "job "
              + job.id()
              + " allows no placement: the first "
              + Math.max(1, job.minOwnerLayers())
              + " of "
              + job.layers().size()
              + " layers stay on "
              + job.dataOwner()
              + " and the last must be on one of "
              + job.labelHolders()
              + "; lower minOwnerLayers or add a label holder");
    }
    return best;
  }

  /**
   * @throws IllegalArgumentException when the placement breaks a rule of the job
   */
  @Override
  public double predict(JobSpec job, Placement placement, Conditions conditions) {
    requireAllowed(job, placement);
    Costs costs = Costs.of(job, conditions);
    double seconds = 0;
    int before = 0;
    for (int layer = 0; layer < job.layers().size(); layer++) {
      int tier = job.tier(placement.nodeOfLayer().get(layer));
      if (layer > 0) {
        seconds += costs.crossing(layer - 1, before, tier);
      }
      seconds += costs.compute(layer, tier);
      before = tier;
    }
    return seconds;
  }

  /**
   * Parameters and optimiser moments of each layer that changes its node, over each link of the
   * way, one layer run after the other; 0 when none moves.
   */
  @Override
  public double moveSeconds(JobSpec job, Placement from, Placement to, Conditions conditions) {
    requireAllowed(job, from);
    requireAllowed(job, to);
    Map<ComponentId, Long> bytesOnWay = new LinkedHashMap<>();
    for (int layer = 0; layer < job.layers().size(); layer++) {
      NodeId source = from.nodeOfLayer().get(layer);
      NodeId target = to.nodeOfLayer().get(layer);
      if (!source.equals(target)) {
        bytesOnWay.merge(
            ComponentId.link(source, target),
            (1 + OPTIMISER_FACTOR) * job.layers().get(layer).parameterBytes(),
            Long::sum);
      }
    }
    Costs costs = Costs.of(job, conditions);
    double seconds = bytesOnWay.isEmpty() ? 0 : FIXED_MOVE_SECONDS;
    for (Map.Entry<ComponentId, Long> way : bytesOnWay.entrySet()) {
      seconds +=
          costs.transfer(
              way.getValue(), job.tier(way.getKey().from()), job.tier(way.getKey().to()));
    }
    return seconds;
  }

  private static void requireAllowed(JobSpec job, Placement placement) {
    List<String> problems = new ArrayList<>(placement.violations(job));
    if (!placement.nodeOfLayer().get(0).equals(job.dataOwner())) {
      problems.add("layer 0 must be on the data owner " + job.dataOwner());
    }
    if (!problems.isEmpty()) {
      throw new IllegalArgumentException(
          "placement "
              + placement.describe()
              + " is not allowed in job "
              + job.id()
              + ": "
              + String.join("; ", problems));
    }
  }

  /**
   * The model's terms under some conditions.
   *
   * @param slowdownOverSpeed by tier
   * @param down link from tier k to k + 1, by k
   * @param up link from tier k + 1 to k, by k
   */
  private record Costs(
      List<LayerProfile> layers,
      List<Double> slowdownOverSpeed,
      List<LinkCondition> down,
      List<LinkCondition> up) {
    static Costs of(JobSpec job, Conditions conditions) {
      List<Double> slowdownOverSpeed = new ArrayList<>();
      List<LinkCondition> down = new ArrayList<>();
      List<LinkCondition> up = new ArrayList<>();
      Conditions declared = job.declaredConditions();
      NodeSpec before = null;
      for (NodeSpec node : job.nodes()) {
        slowdownOverSpeed.add(conditions.slowdowns().getOrDefault(node.id(), 1.0) / node.speed());
        if (before != null) {
          down.add(link(ComponentId.link(before.id(), node.id()), conditions, declared));
          up.add(link(ComponentId.link(node.id(), before.id()), conditions, declared));
        }
        before = node;
      }
      Costs costs = new Costs(job.layers(), slowdownOverSpeed, down, up);
      costs.requireFinite(job);
      return costs;
    }

    private static LinkCondition link(ComponentId id, Conditions conditions, Conditions declared) {
      LinkCondition given = conditions.links().get(id);
      LinkCondition link = given == null ? declared.links().get(id) : given;
      if (link == null) {
        throw new IllegalStateException("link " + id + " is not in the job");
      }
      return link;
    }

    /** Extreme but valid numbers can overflow together; such conditions are no basis for a plan. */
    private void requireFinite(JobSpec job) {
      double all = 0;
      for (int layer = 0; layer < layers.size(); layer++) {
        for (int tier = 0; tier < slowdownOverSpeed.size(); tier++) {
          all += compute(layer, tier);
        }
        all += crossing(layer, 0, down.size());
      }
      if (!Double.isFinite(all)) {
        throw new IllegalArgumentException(
            "conditions of job " + job.id() + " give a step time that is not finite");
      }
    }

    double compute(int layer, int tier) {
      LayerProfile profile = layers.get(layer);
      return (profile.forwardSeconds() + profile.backwardSeconds()) * slowdownOverSpeed.get(tier);
    }

    /** Activation of a layer from a tier down to another, and its gradient back. */
    double crossing(int layer, int from, int to) {
      long bytes = layers.get(layer).outputBytes();
      return from == to ? 0 : transfer(bytes, from, to) + transfer(bytes, to, from);
    }

    /** One message over each link between two tiers, in either direction. */
    double transfer(long bytes, int from, int to) {
      double seconds = 0;
      for (int hop = Math.min(from, to); hop < Math.max(from, to); hop++) {
        LinkCondition link = from < to ? down.get(hop) : up.get(hop);
        seconds += bytes / link.bytesPerSecond() + link.delaySeconds();
      }
      return seconds;
    }
  }
}
