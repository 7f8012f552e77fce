package io.foresplit.bench.scenario;

import io.foresplit.bench.scenario.Scenario.Use;
import io.foresplit.contract.Conditions;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.Metric;
import io.foresplit.contract.Objective;
import io.foresplit.contract.Placement;
import io.foresplit.contract.jobfile.JobFile;
import io.foresplit.contract.jobfile.JobFileException;
import io.foresplit.runtime.plan.Alternatives;
import io.foresplit.runtime.plan.CutPlanner;
import io.foresplit.runtime.sim.Shape;
import io.foresplit.runtime.tensor.ModelDefinition;
import io.foresplit.runtime.tensor.Optimiser;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * A family of scenarios: who trains where, how noisy it is, and in what shapes faults come. Those
 * for tuning and those for scoring have no topology, model, shape or noise in common. Immutable.
 */
record Topology(String name, Use use, List<Member> jobs, WorldNoise noise, List<Shape> shapes) {
  /** How much slower than the best an initial placement may be. */
  private static final double NEAR_BEST = 1.15;

  /** Share of the bound that a healthy step takes at most. */
  private static final double HEALTHY_SHARE = 0.75;

  private static final CutPlanner PLANNER = new CutPlanner();

  /**
   * A job of it.
   *
   * @param healthy placements that are near the best and well within the bound
   */
  record Member(JobSpec spec, Optimiser optimiser, List<Placement> healthy) {
    Member {
      healthy = List.copyOf(healthy);
    }

    /** Of the step time, seconds. */
    double bound() {
      return spec.objectives().stream()
          .filter(objective -> objective.metric() == Metric.STEP_SECONDS)
          .mapToDouble(Objective::bound)
          .min()
          .orElse(Double.POSITIVE_INFINITY);
    }

    double stepSeconds(Placement placement, Conditions conditions) {
      return PLANNER.predict(spec, placement, conditions);
    }

    double stepSeconds(Placement placement) {
      return stepSeconds(placement, spec.declaredConditions());
    }

    /** Of a step after the best move. */
    double bestSeconds(Conditions conditions) {
      return stepSeconds(PLANNER.best(spec, conditions), conditions);
    }

    double moveSeconds(Placement from, Placement to) {
      return PLANNER.moveSeconds(spec, from, to, spec.declaredConditions());
    }
  }

  private static final class Known {
    static final List<Topology> TOPOLOGIES =
        List.of(
            topology("chain-3", Use.TUNING, WorldNoise.usual(), List.of(Shape.LINEAR), "chain-3"),
            scoring("pair", WorldNoise.of(0.08, 0.1, 150, 0.03, 0.1), "pair"),
            scoring("chain-4", WorldNoise.of(0.1, 0.12, 240, 0.025, 0.08), "chain-4"),
            scoring("chain-5", WorldNoise.of(0.07, 0.08, 90, 0.04, 0.12), "chain-5"),
            scoring(
                "shared-edge",
                WorldNoise.of(0.12, 0.06, 400, 0.035, 0.15),
                "shared-edge-camera",
                "shared-edge-writer"));
  }

  /** Of short scenarios that real processes on two cores can bear; of no suite in virtual time. */
  static Topology real() {
    return RealProcesses.TOPOLOGY;
  }

  private static final class RealProcesses {
    static final Topology TOPOLOGY =
        topology(
            "real-3",
            Use.SCORING,
            WorldNoise.of(0.05, 0.06, 25, 0.03, 0.1),
            List.of(Shape.LINEAR, Shape.ACCELERATING, Shape.S_CURVE, Shape.STAIRS),
            "real-3");
  }

  /** The same with links and machines of another noise. */
  Topology with(WorldNoise other) {
    return new Topology(name, use, jobs, other, shapes);
  }

  /** All there are in virtual time. */
  static List<Topology> all() {
    return Known.TOPOLOGIES;
  }

  private static Topology scoring(String name, WorldNoise noise, String... files) {
    return topology(
        name, Use.SCORING, noise, List.of(Shape.ACCELERATING, Shape.S_CURVE, Shape.STAIRS), files);
  }

  private static Topology topology(
      String name, Use use, WorldNoise noise, List<Shape> shapes, String... files) {
    return new Topology(
        name, use, Arrays.stream(files).map(Topology::member).toList(), noise, shapes);
  }

  private static Member member(String file) {
    String resource = file + ".yaml";
    try (InputStream in = Topology.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException("the program lacks its resource " + resource);
      }
      JobFile job =
          JobFile.parse(
              new String(in.readAllBytes(), StandardCharsets.UTF_8),
              resource,
              (model, batch) -> ModelDefinition.named(model).profile(batch));
      return member(job);
    } catch (IOException e) {
      throw new UncheckedIOException("resource " + resource + " cannot be read", e);
    } catch (JobFileException e) {
      throw new IllegalStateException(e.getMessage(), e);
    }
  }

  private static Member member(JobFile file) {
    return member(file.job(), ScenarioParser.optimiser(file.optimiser()));
  }

  /** A job with the placements in which it is healthy. */
  static Member member(JobSpec job, Optimiser optimiser) {
    Member unplaced = new Member(job, optimiser, List.of());
    double limit =
        Math.min(
            HEALTHY_SHARE * unplaced.bound(),
            NEAR_BEST * unplaced.bestSeconds(job.declaredConditions()));
    List<Placement> healthy =
        Alternatives.allowed(job).stream()
            .filter(placement -> placement.nodeOfLayer().stream().distinct().count() > 1)
            .filter(placement -> unplaced.stepSeconds(placement) <= limit)
            .toList();
    return new Member(job, optimiser, healthy);
  }
}
