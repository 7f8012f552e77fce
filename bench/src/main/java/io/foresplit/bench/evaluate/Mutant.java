package io.foresplit.bench.evaluate;

import io.foresplit.contract.Cause;
import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Conditions;
import io.foresplit.contract.Diagnosis;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.LinkCondition;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.Placement;
import io.foresplit.contract.PlacementPlanner;
import io.foresplit.contract.RankedCause;
import io.foresplit.forecaster.ForecastStage;
import io.foresplit.forecaster.Forecaster;
import io.foresplit.forecaster.ForecasterConfig;
import io.foresplit.forecaster.Quantiles;
import io.foresplit.recovery.RecoveryConfig;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Collectors;

/**
 * The service with a part of it made worse on purpose: a yardstick that does not see that measures
 * nothing.
 */
public enum Mutant {
  /** Every forecast is the same number, whatever the series does. */
  CONSTANT_FORECASTER {
    @Override
    public Stages of(Stages service) {
      return service.withForecaster(
          new ForecastStage(
              ForecasterConfig.defaults(), service.planner(), List.of(new Constant())));
    }
  },
  /** Component and cause of each candidate of a diagnosis are drawn at random. */
  SHUFFLED_RANKER {
    @Override
    public Stages of(Stages service) {
      return service.withDiagnosed(Mutant::shuffled);
    }
  },
  /**
   * A constant forecaster, whose alarms are mostly false, and a recovery that plans as if each link
   * and node were in the condition of the next one: bad moves, for verification to undo.
   */
  CARELESS {
    @Override
    public Stages of(Stages service) {
      return CONSTANT_FORECASTER.of(service).withPlanning(new Misled(service.planning()));
    }
  },
  /** The same, and no move is ever undone: beside the other, what verification is worth. */
  CARELESS_UNVERIFIED {
    @Override
    public Stages of(Stages service) {
      return UNVERIFIED.of(CARELESS.of(service));
    }
  },
  /** No move is ever undone. */
  UNVERIFIED {
    @Override
    public Stages of(Stages service) {
      RecoveryConfig recovery = service.recovery();
      RecoveryConfig.Verification rules = recovery.verification();
      return service.withRecovery(
          new RecoveryConfig(
              recovery.controller(),
              recovery.planning(),
              recovery.limits(),
              new RecoveryConfig.Verification(
                  rules.warmUpIntervals(),
                  rules.measuredIntervals(),
                  rules.giveUpIntervals(),
                  NEVER_ENOUGH,
                  rules.tolerance()),
              recovery.resumeWithin(),
              recovery.maxLag()));
    }
  };

  /** Going back would have to save all of a step. */
  private static final double NEVER_ENOUGH = 1;

  /** The service with that part made worse. */
  public abstract Stages of(Stages service);

  /** Name for people and command lines. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The mutant with a label. */
  public static Mutant ofLabel(String label) {
    return Arrays.stream(values())
        .filter(mutant -> mutant.label().equals(label))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "mutant must be one of "
                        + Arrays.stream(values())
                            .map(Mutant::label)
                            .collect(Collectors.joining(", "))
                        + ", was '"
                        + label
                        + "'"));
  }

  /** Says that every series is, and will be, 1 on the model scale of most. */
  private static final class Constant implements Forecaster {
    private static final double SIGMA = 0.01;

    @Override
    public String name() {
      return "constant/1";
    }

    @Override
    public Quantiles forecast(double[] window, int horizon) {
      double[] median = new double[horizon];
      double[] sigma = new double[horizon];
      Arrays.fill(sigma, SIGMA);
      return Quantiles.normal(median, sigma);
    }
  }

  private static Diagnosis shuffled(Diagnosis diagnosis) {
    Conditions conditions = diagnosis.incident().now();
    List<ComponentId> components = new ArrayList<>(conditions.links().keySet());
    conditions.slowdowns().keySet().stream().map(ComponentId::of).forEach(components::add);
    List<Cause> causes = new ArrayList<>(List.of(Cause.values()));
    Random random = new Random(diagnosis.incident().openedInterval());
    Collections.shuffle(components, random);
    Collections.shuffle(causes, random);
    List<RankedCause> mixed = new ArrayList<>();
    for (RankedCause ranked : diagnosis.ranked()) {
      int i = mixed.size();
      mixed.add(
          new RankedCause(
              components.get(i % components.size()),
              causes.get(i % causes.size()),
              ranked.probability(),
              ranked.evidence()));
    }
    return new Diagnosis(
        diagnosis.incident(),
        diagnosis.revision(),
        mixed,
        diagnosis.evidence(),
        diagnosis.explanation(),
        diagnosis.reasoner());
  }

  /** Takes each link and node for the next one. */
  private record Misled(PlacementPlanner right) implements PlacementPlanner {
    @Override
    public Placement best(JobSpec job, Conditions conditions) {
      return right.best(job, turned(conditions));
    }

    @Override
    public double predict(JobSpec job, Placement placement, Conditions conditions) {
      return right.predict(job, placement, turned(conditions));
    }

    @Override
    public double moveSeconds(JobSpec job, Placement from, Placement to, Conditions conditions) {
      return right.moveSeconds(job, from, to, turned(conditions));
    }

    private static Conditions turned(Conditions conditions) {
      List<ComponentId> links = List.copyOf(conditions.links().keySet());
      List<NodeId> nodes = List.copyOf(conditions.slowdowns().keySet());
      Conditions turned = conditions;
      for (int i = 0; i < links.size(); i++) {
        LinkCondition next = conditions.links().get(links.get((i + 1) % links.size()));
        turned = turned.withLink(links.get(i), Objects.requireNonNull(next));
      }
      for (int i = 0; i < nodes.size(); i++) {
        turned =
            turned.withSlowdown(
                nodes.get(i),
                conditions.slowdowns().getOrDefault(nodes.get((i + 1) % nodes.size()), 1.0));
      }
      return turned;
    }
  }
}
