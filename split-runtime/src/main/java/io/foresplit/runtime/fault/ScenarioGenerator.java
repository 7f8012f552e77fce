package io.foresplit.runtime.fault;

import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Conditions;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.Metric;
import io.foresplit.contract.Objective;
import io.foresplit.contract.Placement;
import io.foresplit.contract.PlacementPlanner;
import io.foresplit.runtime.plan.Alternatives;
import io.foresplit.runtime.plan.CutPlanner;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.SplittableRandom;

/**
 * Draws a fault and an initial placement from a seed: which link or node, onset, ramp, size and
 * cut. A draw is kept when the job is healthy before, would clearly breach its step-time objective
 * if nothing were moved, and is clearly within it when the best move is made. Pure and thread-safe.
 */
public final class ScenarioGenerator {
  /** Share of the bound that a healthy step takes at most. */
  static final double HEALTHY_SHARE = 0.75;

  /** How much slower than the best the initial placement may be. */
  static final double NEAR_BEST = 1.15;

  /** Share of the bound that a step under the full fault takes at least, if nothing is moved. */
  static final double BREACH_SHARE = 1.3;

  /** Share of the bound that a step under the full fault takes at most after the best move. */
  static final double HEALED_SHARE = 0.8;

  /** Share of the untouched step time that is left at most after the best move. */
  static final double HEALED_GAIN = 0.7;

  private static final int TRIES = 200;
  private static final int WIDENINGS = 3;

  /** Length of a run for which the ranges of onset and ramp are given. */
  private static final double USUAL_SECONDS = 110;

  private static final double LEAST_HEALTHY_SECONDS = 30;
  private static final double LEAST_SECONDS = 60;

  private final PlacementPlanner planner;

  public ScenarioGenerator() {
    this(new CutPlanner());
  }

  public ScenarioGenerator(PlacementPlanner planner) {
    this.planner = planner;
  }

  /**
   * The scenario of a seed.
   *
   * @param durationSeconds length of the run; onset and ramp scale with it
   * @throws IllegalArgumentException when the run is too short, or the job has no placement or
   *     component for which such a fault hurts and can be healed
   */
  public DemoScenario generate(JobSpec job, FaultKind kind, long seed, double durationSeconds) {
    if (!(durationSeconds >= LEAST_SECONDS && durationSeconds < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "a scenario needs at least " + LEAST_SECONDS + " s, was " + durationSeconds);
    }
    SplittableRandom random = new SplittableRandom(seed * 31 + kind.label().hashCode());
    double scale = durationSeconds / USUAL_SECONDS;
    Draft draft =
        new Draft(
            kind,
            seed,
            durationSeconds,
            Math.max(LEAST_HEALTHY_SECONDS, scale * random.nextDouble(38, 50)),
            Math.min(1, scale) * random.nextDouble(25, 40));
    List<Placement> healthy = healthyPlacements(job);
    return switch (kind) {
      case NONE -> scenario(job, draft, FaultSpec.none(), pick(healthy, random));
      case LABEL_DRIFT -> {
        FaultSpec fault = draft.of(ComponentId.of(job.dataOwner()), random.nextDouble(0.6, 0.85));
        yield scenario(job, draft, fault, pick(healthy, random));
      }
      case UPLINK_FADE -> healable(job, draft, uplinks(job), 6, 12, healthy, random);
      case NODE_SLOWDOWN, CONTENTION -> healable(job, draft, nodes(job), 3, 7, healthy, random);
    };
  }

  /** Tries one component after the other, in drawn order; then again with larger faults. */
  private DemoScenario healable(
      JobSpec job,
      Draft draft,
      List<ComponentId> components,
      double least,
      double most,
      List<Placement> healthy,
      SplittableRandom random) {
    List<ComponentId> order = new ArrayList<>(components);
    Collections.shuffle(order, new Random(random.nextLong()));
    double bound = stepBound(job);
    double largest = most;
    for (int widening = 0; widening <= WIDENINGS; widening++) {
      for (ComponentId component : order) {
        for (int attempt = 0; attempt < TRIES; attempt++) {
          FaultSpec fault = draft.of(component, random.nextDouble(least, largest));
          DemoScenario drawn = scenario(job, draft, fault, pick(healthy, random));
          if (hurtsAndHeals(drawn, bound)) {
            return drawn;
          }
        }
      }
      largest *= 1.5;
    }
    throw new IllegalArgumentException(
        String.format(
            Locale.ROOT,
            "job %s has no healable %s for its bound of %.0f ms: none of %s both breaches it and can"
                + " be healed by moving layers; change the bound, speeds or rates",
            job.id(),
            draft.kind().label(),
            1000 * bound,
            order));
  }

  private static boolean hurtsAndHeals(DemoScenario drawn, double bound) {
    return drawn.untouchedSeconds() >= BREACH_SHARE * bound
        && drawn.bestSeconds() <= HEALED_SHARE * bound
        && drawn.bestSeconds() <= HEALED_GAIN * drawn.untouchedSeconds();
  }

  private DemoScenario scenario(JobSpec job, Draft draft, FaultSpec fault, Placement initial) {
    Conditions last = FaultSchedule.of(fault).finalConditions(job);
    return new DemoScenario(
        draft.seed(),
        draft.durationSeconds(),
        fault,
        initial,
        planner.predict(job, initial, job.declaredConditions()),
        planner.predict(job, initial, last),
        planner.predict(job, planner.best(job, last), last));
  }

  /** Near the best under declared conditions, and well within the bound where there is one. */
  private List<Placement> healthyPlacements(JobSpec job) {
    Conditions declared = job.declaredConditions();
    double best = planner.predict(job, planner.best(job, declared), declared);
    double limit =
        stepObjective(job)
            .map(o -> Math.min(HEALTHY_SHARE * o.bound(), NEAR_BEST * best))
            .orElse(NEAR_BEST * best);
    List<Placement> healthy =
        Alternatives.allowed(job).stream()
            .filter(placement -> planner.predict(job, placement, declared) <= limit)
            .toList();
    if (healthy.isEmpty()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "job %s is not healthy as declared: its best step takes %.0f ms, and %.0f ms would be"
                  + " %.0f %% of the bound; raise the bound",
              job.id(),
              1000 * best,
              1000 * limit,
              100 * HEALTHY_SHARE));
    }
    return healthy;
  }

  private static Optional<Objective> stepObjective(JobSpec job) {
    return job.objectives().stream().filter(o -> o.metric() == Metric.STEP_SECONDS).findFirst();
  }

  private static double stepBound(JobSpec job) {
    return stepObjective(job)
        .map(Objective::bound)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "job "
                        + job.id()
                        + " needs an objective on step-seconds, for without one no fault hurts"));
  }

  private static List<ComponentId> uplinks(JobSpec job) {
    List<ComponentId> uplinks = new ArrayList<>();
    for (int tier = 0; tier + 1 < job.nodes().size(); tier++) {
      uplinks.add(ComponentId.link(job.nodes().get(tier).id(), job.nodes().get(tier + 1).id()));
    }
    return uplinks;
  }

  private static List<ComponentId> nodes(JobSpec job) {
    return job.nodes().stream().map(node -> ComponentId.of(node.id())).toList();
  }

  private static Placement pick(List<Placement> placements, SplittableRandom random) {
    return placements.get(random.nextInt(placements.size()));
  }

  /** A fault of which component and size are still to be chosen. */
  private record Draft(
      FaultKind kind, long seed, double durationSeconds, double onsetSeconds, double rampSeconds) {
    FaultSpec of(ComponentId component, double size) {
      return new FaultSpec(kind, component, onsetSeconds, rampSeconds, size, seed);
    }
  }
}
