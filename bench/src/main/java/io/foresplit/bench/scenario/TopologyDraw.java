package io.foresplit.bench.scenario;

import io.foresplit.bench.scenario.Scenario.Use;
import io.foresplit.bench.scenario.Topology.Member;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.LinkSpec;
import io.foresplit.contract.Metric;
import io.foresplit.contract.NodeSpec;
import io.foresplit.contract.Objective;
import io.foresplit.runtime.sim.Shape;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Jobs for training: speeds of nodes, links, bound of the step time, noise and shapes of ramps are
 * drawn around those of a known job, so that no world of them is one that is scored.
 */
final class TopologyDraw {
  /** Speeds, rates and delays are drawn within this factor. */
  private static final double FACTOR = 1.6;

  private static final int TRIES = 100;

  private TopologyDraw() {}

  /** One of each known topology of one job. */
  static List<Topology> all(SplittableRandom random) {
    return Topology.all().stream()
        .filter(known -> known.jobs().size() == 1)
        .map(known -> like(known, random))
        .toList();
  }

  private static Topology like(Topology known, SplittableRandom random) {
    for (int i = 0; i < TRIES; i++) {
      Member member = like(known.jobs().get(0), random);
      if (!member.healthy().isEmpty()) {
        WorldNoise noise =
            WorldNoise.of(
                random.nextDouble(0.02, 0.14),
                random.nextDouble(0, 0.14),
                random.nextDouble(30, 500),
                random.nextDouble(0.005, 0.045),
                random.nextDouble(0.04, 0.16));
        return new Topology(
            known.name() + "-drawn", Use.TUNING, List.of(member), noise, List.of(Shape.values()));
      }
    }
    throw new IllegalStateException("no job like " + known.name() + " is healthy anywhere");
  }

  private static Member like(Member known, SplittableRandom random) {
    JobSpec job = known.spec();
    List<NodeSpec> nodes =
        job.nodes().stream()
            .map(node -> new NodeSpec(node.id(), node.speed() * factor(random), node.version()))
            .toList();
    double delay = factor(random); // the same in both directions
    List<LinkSpec> links =
        job.links().stream()
            .map(
                link ->
                    new LinkSpec(
                        link.from(),
                        link.to(),
                        link.bytesPerSecond() * factor(random),
                        link.delaySeconds() * delay))
            .toList();
    JobSpec unbound = with(job, nodes, links, job.objectives());
    double best =
        new Member(unbound, known.optimiser(), List.of()).bestSeconds(unbound.declaredConditions());
    double bound = Rounded.of(best * random.nextDouble(1.55, 2));
    List<Objective> objectives =
        job.objectives().stream()
            .map(
                o ->
                    o.metric() == Metric.STEP_SECONDS
                        ? new Objective(o.id(), o.metric(), bound, o.duration(), o.severity())
                        : o)
            .toList();
    return Topology.member(with(job, nodes, links, objectives), known.optimiser());
  }

  private static JobSpec with(
      JobSpec job, List<NodeSpec> nodes, List<LinkSpec> links, List<Objective> objectives) {
    return new JobSpec(
        job.id(),
        job.model(),
        job.batchSize(),
        job.interval(),
        job.layers(),
        nodes,
        links,
        job.dataOwner(),
        job.labelHolders(),
        job.minOwnerLayers(),
        objectives);
  }

  private static double factor(SplittableRandom random) {
    return Math.exp(random.nextDouble(-1, 1) * Math.log(FACTOR));
  }
}
