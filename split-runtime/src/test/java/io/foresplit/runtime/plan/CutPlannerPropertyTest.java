package io.foresplit.runtime.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Conditions;
import io.foresplit.contract.JobId;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.LayerProfile;
import io.foresplit.contract.LinkCondition;
import io.foresplit.contract.LinkSpec;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.NodeSpec;
import io.foresplit.contract.Placement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** The planner against every cut of random chains, each priced by a second, plainer model. */
class CutPlannerPropertyTest {
  private final CutPlanner planner = new CutPlanner();

  @Property(tries = 1500, seed = "20")
  void findsTheBestOfAllCuts(@ForAll long seed) {
    Random random = new Random(seed);
    JobSpec job = job(random);
    Conditions conditions = conditions(job, random);
    double best = Double.POSITIVE_INFINITY;
    int allowed = 0;
    for (Placement placement : everyAssignment(job)) {
      if (placement.violations(job).isEmpty()
          && placement.nodeOfLayer().get(0).equals(job.dataOwner())) {
        allowed++;
        double seconds = price(job, placement, conditions);
        assertThat(planner.predict(job, placement, conditions))
            .isCloseTo(seconds, within(1e-9 * seconds));
        best = Math.min(best, seconds);
      }
    }
    assertThat(Alternatives.allowed(job)).hasSize(allowed);
    if (allowed == 0) {
      assertThatIllegalArgumentException().isThrownBy(() -> planner.best(job, conditions));
    } else {
      Placement found = planner.best(job, conditions);
      assertThat(Alternatives.allowed(job)).contains(found);
      assertThat(price(job, found, conditions)).isCloseTo(best, within(1e-9 * best));
    }
  }

  private static double price(JobSpec job, Placement placement, Conditions conditions) {
    double seconds = 0;
    for (int layer = 0; layer < job.layers().size(); layer++) {
      NodeSpec node = job.node(placement.nodeOfLayer().get(layer)).orElseThrow();
      LayerProfile profile = job.layers().get(layer);
      seconds +=
          (profile.forwardSeconds() + profile.backwardSeconds())
              / node.speed()
              * conditions.slowdowns().get(node.id());
      if (layer > 0) {
        int from = job.tier(placement.nodeOfLayer().get(layer - 1));
        for (int tier = from; tier < job.tier(node.id()); tier++) {
          NodeId near = job.nodes().get(tier).id();
          NodeId far = job.nodes().get(tier + 1).id();
          for (ComponentId link :
              List.of(ComponentId.link(near, far), ComponentId.link(far, near))) {
            LinkCondition condition = conditions.links().get(link);
            seconds +=
                job.layers().get(layer - 1).outputBytes() / condition.bytesPerSecond()
                    + condition.delaySeconds();
          }
        }
      }
    }
    return seconds;
  }

  /** Nodes to the power of layers, with those that go back up the chain. */
  private static List<Placement> everyAssignment(JobSpec job) {
    int nodes = job.nodes().size();
    int layers = job.layers().size();
    List<Placement> all = new ArrayList<>();
    for (int code = 0; code < Math.pow(nodes, layers); code++) {
      List<NodeId> nodeOfLayer = new ArrayList<>();
      for (int rest = code, layer = 0; layer < layers; layer++, rest /= nodes) {
        nodeOfLayer.add(job.nodes().get(rest % nodes).id());
      }
      all.add(new Placement(nodeOfLayer));
    }
    return all;
  }

  private static JobSpec job(Random random) {
    int layers = 1 + random.nextInt(5);
    List<NodeSpec> nodes =
        IntStream.rangeClosed(0, random.nextInt(4))
            .mapToObj(i -> new NodeSpec(new NodeId("n" + i), wide(random)))
            .toList();
    List<LinkSpec> links = new ArrayList<>();
    for (int i = 0; i + 1 < nodes.size(); i++) {
      NodeId near = nodes.get(i).id();
      NodeId far = nodes.get(i + 1).id();
      links.add(new LinkSpec(near, far, 1e6 * wide(random), random.nextDouble() * 0.05));
      links.add(new LinkSpec(far, near, 1e6 * wide(random), random.nextDouble() * 0.05));
    }
    List<NodeId> holders =
        new ArrayList<>(
            nodes.stream().map(NodeSpec::id).filter(id -> random.nextBoolean()).toList());
    if (holders.isEmpty()) {
      holders.add(nodes.get(random.nextInt(nodes.size())).id());
    }
    return new JobSpec(
        new JobId("random"),
        "mlp",
        8,
        Duration.ofMillis(500),
        IntStream.range(0, layers)
            .mapToObj(
                i ->
                    new LayerProfile(
                        "l" + i,
                        0.02 * wide(random),
                        0.04 * wide(random),
                        1 + random.nextInt(200_000),
                        random.nextInt(100_000)))
            .toList(),
        nodes,
        links,
        nodes.get(0).id(),
        holders,
        random.nextInt(layers + 1),
        List.of());
  }

  private static Conditions conditions(JobSpec job, Random random) {
    Conditions conditions = job.declaredConditions();
    for (LinkSpec link : job.links()) {
      conditions =
          conditions.withLink(
              link.id(),
              new LinkCondition(link.bytesPerSecond() * wide(random), link.delaySeconds()));
    }
    for (NodeSpec node : job.nodes()) {
      conditions = conditions.withSlowdown(node.id(), wide(random));
    }
    return conditions;
  }

  /** From a tenth to ten. */
  private static double wide(Random random) {
    return Math.pow(10, 2 * random.nextDouble() - 1);
  }
}
